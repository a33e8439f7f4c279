// The Lua that orders rooms and counts viewers. docs/redis.md explains the keys.
#pragma once

#include <string>

namespace spillway::server {

// All of these scripts run on a Redis that may also run those of another release: by digest, never
// as a library.

// Learns a room's epoch, making one where there is none or the old one cannot go on.
// KEYS: meta, log. ARGV: run id, epoch and highest seq known here, a fresh epoch, seconds to keep
// the meta. Answers {epoch, seq, prev_epoch, prev_seq}.
std::string settle_script();

// Orders, logs and publishes one batch, once.
// KEYS: meta, log. ARGV: as above, then: channel, server, batch number, messages, first id to keep
// in the log (0: all), ms to keep the log, 1 to renew how long both are kept and this server's last
// batch in the meta (done unasked where there is none yet), the lines; before them perhaps the
// header that they get if the epoch goes on and nobody else's batch has come since the highest seq
// known here, which saves Redis a third of the work. Answers {epoch, first seq}. An error that
// begins with STALE: a later batch of this server is logged already, so this one was, or never will
// be.
std::string publish_script();

// Where rooms stand. KEYS: metas. Answers the epoch and the seq of each, empty where there is none.
std::string positions_script();

// One page of a room's log, newest first. KEYS: log, meta. ARGV: from, to, bytes.
// Answers {1 if there is nothing older, batches, the room's epoch or ''}.
std::string read_script();

// One server's counts. KEYS: the server's hash, servers:clients,
// servers:cumulative-socket-writes, servers:event-loop, servers:fanout, chat-rooms:clients,
// chat-rooms:cumulative-messages, chat-rooms:cumulative-socket-writes, chat-rooms:idle.
// ARGV: id, viewers, deliveries, lag in ms, fan-outs, ms after which an unused room goes, 1 to take
// back first whatever is counted under this id, number of hash fields, the fields and values, then
// for each room: name, viewers here, messages, writes.
// Answers {1 if the hash was there, the rooms' viewers on all servers}.
std::string count_script();

}  // namespace spillway::server
