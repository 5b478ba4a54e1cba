/** With `--import`: whatever port a server asks for, it gets a free one, and prints it. */
import { Server } from 'node:net'

// oxlint-disable-next-line typescript/unbound-method -- applied to the server on which it is called
Server.prototype.listen = new Proxy(Server.prototype.listen, {
  apply(listen, server, [, ...args]) {
    server.once('listening', () => console.log(server.address().port))
    return Reflect.apply(listen, server, [0, ...args])
  },
})
