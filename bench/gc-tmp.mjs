import { createServer } from 'node:http';
import { createClient } from '#client';
const looks = [];
const server = createServer((req, res) => {
  if (req.headers.accept === 'text/event-stream') { res.writeHead(200, {'content-type':'text/event-stream'}); res.write('id: 1\ndata: {"seq":1}\n\nid: 2\ndata: {"seq":2}\n\n'); return; }
  const body = req.url.includes('/messages') ? [{seq:3}] : { id:'s', phase: looks.length > 1 ? looks.shift() : looks[0] };
  if (req.url.includes('/messages') && !req.url.includes('after_seq=2')) body.length = 0;
  res.writeHead(200, {'content-type':'application/json'}).end(JSON.stringify(body));
});
await new Promise(r => server.listen(0, r));
const url = `http://127.0.0.1:${server.address().port}`;
if (process.argv[2] === 'gc') setInterval(() => gc(), 3).unref();
for (let i = 0; i < 300; i++) {
  looks.splice(0, 9, 'Pending','Pending','Running','Running','Running','Completed');
  const told = [];
  const c = createClient({ url });
  const t = performance.now();
  const guard = setTimeout(() => { console.log('HANG at', i, told); process.exit(1); }, 5000);
  for await (const u of c.sessions.follow('s', { everyMs: 5 })) told.push(u.type === 'message' ? u.message.seq : u.phase);
  clearTimeout(guard);
}
console.log('fine'); process.exit(0);
