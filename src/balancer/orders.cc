#include "balancer/orders.h"

#include "protocol/remove_server_script.h"

namespace spillway::balancer {
namespace {

// KEYS: none of its own. ARGV: channel, message. Answers 1 if somebody listened.
constexpr const char* kPublishScript = R"(
return math.min(1, redis.call('PUBLISH', ARGV[1], ARGV[2]))
)";

// KEYS: servers:clients, balancer:servers. ARGV: id, the most servers. Answers 1 if there is room
// for it.
constexpr const char* kStartScript = R"(
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], 86400)
return 1
)";

}  // namespace

Orders::Orders(redis::Client& client, const Lease& lease, const protocol::RedisNames& names,
               const Silence& silence, Log& log)
    : client_(client),
      lease_(lease),
      names_(names),
      dead_after_ms_(std::to_string(
          std::chrono::duration_cast<std::chrono::milliseconds>(silence.dead_after).count())),
      log_(log),
      publish_(kPublishScript),
      publish_guarded_(guarded(kPublishScript)),
      remove_(protocol::remove_server_script()),
      remove_guarded_(guarded(protocol::remove_server_script())),
      start_(kStartScript),
      start_guarded_(guarded(kStartScript)) {}

void Orders::run(const redis::Script& script, std::vector<std::string> keys,
                 std::vector<std::string> args, const OnOutcome& done) {
  const auto on_answer = [this, done](const redis::Answer& answer) {
    if (answer.fate != redis::Fate::kAnswered) return done(Outcome::kAway);
    if (is_lease_lost(answer)) return done(Outcome::kLost);
    if (answer.reply.is_error()) {
      log_.warn("order refused", {{"redis", std::string(answer.reply.error_text())}});
      return done(Outcome::kAway);
    }
    done(answer.reply.integer() == 1 ? Outcome::kDone : Outcome::kNobody);
  };
  const auto sent = script.eval(client_, std::move(keys), std::move(args), on_answer);
  if (sent != redis::Client::Sent::kQueued) done(Outcome::kAway);
}

void Orders::send(const std::string& id, const protocol::ControlMessage& message,
                  const OnOutcome& done) {
  run(publish_guarded_, {lease_.key()},
      {names_.control_channel(id), protocol::encode_control(message), lease_.token()}, done);
}

void Orders::send_for_operator(const std::string& id, const protocol::ControlMessage& message,
                               const OnOutcome& done) {
  run(publish_, {}, {names_.control_channel(id), protocol::encode_control(message)}, done);
}

std::vector<std::string> Orders::removal_keys(const std::string& id) const {
  return {names_.server_hash(id),
          names_.servers_clients(),
          names_.servers_cumulative_socket_writes(),
          names_.servers_event_loop(),
          names_.servers_fanout(),
          names_.rooms_clients(),
          names_.rooms_idle(),
          names_.balancer_servers()};
}

void Orders::remove_dead(const std::string& id, const OnOutcome& done) {
  std::vector<std::string> keys = removal_keys(id);
  keys.push_back(lease_.key());
  run(remove_guarded_, std::move(keys), {id, dead_after_ms_, lease_.token()}, done);
}

void Orders::remove_ended(const std::string& id, const OnOutcome& done) {
  run(remove_, removal_keys(id), {id, "0"}, done);
}

void Orders::may_start(const std::string& id, std::uint32_t servers_max, bool for_operator,
                       const OnOutcome& done) {
  std::vector<std::string> keys{names_.servers_clients(), names_.balancer_servers()};
  std::vector<std::string> args{id, std::to_string(servers_max)};
  if (for_operator) return run(start_, std::move(keys), std::move(args), done);
  keys.push_back(lease_.key());
  args.push_back(lease_.token());
  run(start_guarded_, std::move(keys), std::move(args), done);
}

void Orders::note_started(const std::string& id) {
  redis::Command command("SADD");
  command.arg(names_.balancer_servers()).arg(id);
  // Best effort: asked for again at the next reading that shows the need.
  static_cast<void>(client_.send(command, [](const redis::Answer&) {}));
}

void Orders::forget_start(const std::string& id) {
  redis::Command command("SREM");
  command.arg(names_.balancer_servers()).arg(id);
  // Best effort: the set expires.
  static_cast<void>(client_.send(command, [](const redis::Answer&) {}));
}

}  // namespace spillway::balancer
