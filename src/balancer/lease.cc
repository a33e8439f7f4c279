#include "balancer/lease.h"

#include "base/random.h"

namespace spillway::balancer {
namespace {

// KEYS: the lease, balancer:servers. ARGV: token, milliseconds. Answers 1 if it is ours now.
constexpr const char* kRenewScript = R"(
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('EXPIRE', KEYS[2], 86400)
return 1
)";

constexpr const char* kReleaseScript = R"(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)";

constexpr std::string_view kLost = "LEASE is not held";

}  // namespace

std::string guarded(std::string_view script) {
  std::string text =
      "if redis.call('GET', KEYS[#KEYS]) ~= ARGV[#ARGV] then return redis.error_reply('";
  text += kLost;
  text += "') end\n";
  return text.append(script);
}

bool is_lease_lost(const redis::Answer& answer) {
  return answer.reply.error_text().starts_with(kLost);
}

Lease::Lease(redis::Client& client, const protocol::RedisNames& names,
             std::chrono::microseconds duration)
    : client_(client),
      key_(names.balancer_lease()),
      children_key_(names.balancer_servers()),
      duration_(std::chrono::duration_cast<std::chrono::milliseconds>(duration)),
      token_(random_name(22)),
      renew_(kRenewScript),
      release_(kReleaseScript) {}

void Lease::renew() {
  if (released_) return;
  // Counted from before the call: Redis counts from later, so we never believe in it for too long.
  const TimePoint asked = Clock::now();
  const auto on_answer = [this, asked](const redis::Answer& answer) {
    if (answer.fate != redis::Fate::kAnswered) return;
    held_until_ = answer.reply.integer() == 1 ? asked + duration_ : TimePoint{};
  };
  // Unanswered it runs out.
  static_cast<void>(renew_.eval(client_, {key_, children_key_},
                                {token_, std::to_string(duration_.count())}, on_answer));
}

void Lease::release(const std::function<void()>& done) {
  released_ = true;
  const auto on_answer = [done](const redis::Answer&) { done(); };  // else it expires by itself
  const auto sent = release_.eval(client_, {key_}, {token_}, on_answer);
  if (sent != redis::Client::Sent::kQueued) done();
}

}  // namespace spillway::balancer
