// An SMS centre by npm `smpp`: the peer of our SMPP client; over TLS where it is given the files of
// its key and its certificate.
//
// It prints what happens, one JSON object a line, and takes commands, one JSON object a line. The
// last two digits of a number say what becomes of a message to it: 58 is throttled, 11 is unknown,
// 90 gets the connection cut before the answer, 91 no answer at all, 05 is taken and comes back as
// undeliverable, any other is taken and delivered.
'use strict';
const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const sessions = new Set();
let ids = 0;

function say(event) {
  process.stdout.write(JSON.stringify(event) + '\n');
}

function receipt(session, pdu, id, state) {
  const words = `id:${id} sub:001 dlvrd:001 submit date:2606150830 done date:2606150831 stat:${state} err:000 text:`;
  deliver(session, {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    short_message: { message: Buffer.from(words, 'ascii') },
    data_coding: 0,
  });
}

function deliver(session, fields) {
  session.deliver_sm(fields, (answer) => {
    say({ event: 'deliver_sm_resp', status: answer.command_status, sequence: answer.sequence_number });
  });
}

function submitted(session, pdu) {
  const bytes = pdu.short_message.message;
  const udh = pdu.short_message.udh;
  say({
    event: 'submit_sm',
    to: pdu.destination_addr,
    from: pdu.source_addr,
    ton: pdu.dest_addr_ton,
    npi: pdu.dest_addr_npi,
    esm_class: pdu.esm_class,
    data_coding: pdu.data_coding,
    registered_delivery: pdu.registered_delivery,
    udh: udh ? udh.map((part) => part.toString('hex')) : null,
    text: typeof bytes === 'string' ? bytes : bytes.toString('hex'),
  });
  const last = pdu.destination_addr.slice(-2);
  if (last === '58') return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
  if (last === '11') return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
  if (last === '90') return session.destroy();
  if (last === '91') return undefined;
  ids += 1;
  const id = `smsc-${ids}`;
  session.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery & 1) receipt(session, pdu, id, last === '05' ? 'UNDELIV' : 'DELIVRD');
  return undefined;
}

const [key, cert] = process.argv.slice(2).map((path) => fs.readFileSync(path));

const server = smpp.createServer(key ? { key, cert } : {}, (session) => {
  sessions.add(session);
  session.on('error', () => {});
  session.on('close', () => {
    sessions.delete(session);
    say({ event: 'closed' });
  });
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === 'xmb' && pdu.password === 'smpp-pw';
    say({ event: 'bind', known, version: pdu.interface_version });
    session.send(pdu.response(known ? { system_id: 'smsc' } : { command_status: smpp.ESME_RBINDFAIL }));
    if (!known) session.close();
  });
  session.on('submit_sm', (pdu) => submitted(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
});

const commands = {
  // A person writes; in `parts` several.
  reply({ from, to, parts, reference }) {
    for (const session of sessions) {
      parts.forEach((text, at) => {
        const message = Buffer.from(text, 'utf16le').swap16();
        const header = Buffer.from([5, 0, 3, reference || 0, parts.length, at + 1]);
        deliver(session, {
          source_addr: from,
          destination_addr: to,
          data_coding: 8,
          esm_class: parts.length > 1 ? smpp.ESM_CLASS.UDH_INDICATOR : 0,
          short_message: parts.length > 1 ? { udh: header, message } : { message },
        });
      });
    }
  },
  // Every connection is cut.
  cut() {
    for (const session of sessions) session.destroy();
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.address().port }));
