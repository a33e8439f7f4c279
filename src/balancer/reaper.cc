#include "balancer/reaper.h"

#include "protocol/remove_server_script.h"

namespace spillway::balancer {

Reaper::Reaper(redis::Client& client, const std::string& redis_prefix, Log& log)
    : client_(client), names_(redis_prefix), script_(protocol::kRemoveServerScript), log_(log) {}

void Reaper::look(const Fleet& fleet, const Watch& watch) {
  if (!watch.steady(fleet.read_at, kDeadAfter)) return;
  int removals = 0;
  for (const ServerState& server : fleet.servers) {
    if (!is_dead(server)) continue;
    if (++removals > kRemovalsMax) return;  // the others are dead a second later too
    remove(server.id);
  }
}

void Reaper::remove(const std::string& id) {
  const auto on_answer = [this, id](const redis::Answer& answer) {
    if (answer.fate != redis::Fate::kAnswered) return;
    if (answer.reply.is_error()) {
      log_.warn("silent server not removed",
                {{"id", id}, {"redis", std::string(answer.reply.error_text())}});
    } else if (answer.reply.integer() == 1) {
      log_.info("silent server removed", {{"id", id}});
    }
  };
  const auto sent = script_.eval(
      client_,
      {names_.server_hash(id), names_.servers_clients(), names_.servers_cumulative_socket_writes(),
       names_.servers_event_loop(), names_.servers_fanout(), names_.rooms_clients(),
       names_.rooms_idle(), names_.balancer_servers()},
      {id, std::to_string(kDeadAfter.count())}, on_answer);
  // Away or full: the next reading comes a second later and finds it dead again.
  static_cast<void>(sent);
}

}  // namespace spillway::balancer
