import { inside } from './inside.mjs'
import { act } from './scenarios.mjs'
const sc = process.argv[2] ?? 'create', N = +(process.argv[3] ?? 32000)
const { visit, close } = await inside()
const fn = (s)=>act('/'+sc, s)
const cookies=[]
for (let n=0;n<32;n++) cookies.push(await visit(undefined,(s)=>act('/seed',s)))
const run = async (count)=>{ let next=0; const work=async()=>{ while(next<count){ const n=next++; await visit(sc==='create'||sc==='anonymous'?undefined:cookies[n%32], fn)} }; await Promise.all(Array.from({length:32},work)) }
await run(10000)
const out=[]
for (let r=0;r<8;r++){ const a=process.resourceUsage(); const t=performance.now(); await run(N); const w=performance.now()-t; const b=process.resourceUsage();
 out.push([(b.userCPUTime-a.userCPUTime)/N,(b.systemCPUTime-a.systemCPUTime)/N,(b.minorPageFault-a.minorPageFault)/N, w*1000/N]) }
out.sort((x,y)=>x[0]+x[1]-y[0]-y[1]); const f=(o)=>o.map(v=>v.toFixed(2)).join(' ')
console.log(sc,'user sys faults wall | best',f(out[0]),'| med',f(out[4]))
await close()
