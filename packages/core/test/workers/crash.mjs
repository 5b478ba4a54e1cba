// <directory>
import { file } from '@sess/core'
import { writeUntilKilled } from '../../../../tools/testing/writer.mjs'

await writeUntilKilled(file({ path: process.argv[2] }))
