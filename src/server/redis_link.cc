#include "server/redis_link.h"

#include <utility>

namespace spillway::server {
namespace {

redis::ClientOptions options_for(const redis::Url& url, std::string name) {
  redis::ClientOptions options;
  options.url = url;
  options.client_name = std::move(name);
  return options;
}

}  // namespace

RedisLink::RedisLink(boost::asio::io_context& context, const redis::Url& url,
                     const std::string& server_id, Log& log)
    : log_(log),
      commands_(context, options_for(url, "spillway-" + server_id), log),
      reader_(context, options_for(url, "spillway-reader-" + server_id), log),
      subscriber_(context, options_for(url, "spillway-subscriber-" + server_id), log) {}

void RedisLink::start(Events events) {
  events_ = std::move(events);
  commands_.start([this](const redis::Connected& redis) { connected(run_id_, redis); },
                  [this](const Error& error) { lost(error); });
  reader_.start([this](const redis::Connected& redis) { connected(reader_run_id_, redis); },
                [this](const Error& error) { lost(error); });
  subscriber_.start(
      events_.on_subscribed, events_.on_message,
      [this](const redis::Connected& redis) { connected(subscriber_run_id_, redis); },
      [this](const Error& error) {
        events_.on_subscriber_lost();
        lost(error);
      });
}

void RedisLink::stop() {
  commands_.stop();
  reader_.stop();
  subscriber_.stop();
}

void RedisLink::connected(std::string& run_id, const redis::Connected& redis) {
  run_id = redis.run_id;
  if (ready_ || !commands_.connected() || !reader_.connected() || !subscriber_.connected()) return;
  // After a fail-over a connection may live on with the Redis that was demoted: who came last
  // knows.
  const Error elsewhere{"another connection found another Redis"};
  bool apart = false;
  const auto must_follow = [&](auto& connection, const std::string& its_run_id) {
    if (its_run_id == redis.run_id) return;
    apart = true;
    connection.reconnect(elsewhere);
  };
  must_follow(commands_, run_id_);
  must_follow(reader_, reader_run_id_);
  must_follow(subscriber_, subscriber_run_id_);
  if (apart) return;
  ready_ = true;
  check_policy();
  events_.on_ready();
}

void RedisLink::lost(const Error& error) {
  ready_ = false;
  events_.on_lost(error);
}

// With any other policy Redis may throw away rooms when its memory is full.
void RedisLink::check_policy() {
  const auto sent = commands_.send(
      redis::Command("CONFIG").arg("GET").arg("maxmemory-policy"), [this](const redis::Answer& a) {
        if (a.fate != redis::Fate::kAnswered || a.reply.is_error()) return;  // CONFIG is forbidden
        const std::string policy(a.reply[1].text());
        if (policy.empty() || policy == "noeviction") return;
        log_.warn("redis may evict rooms", {{"maxmemory-policy", policy},
                                            {"mend", "CONFIG SET maxmemory-policy noeviction"}});
      });
  static_cast<void>(sent);  // a warning: not worth a retry
}

}  // namespace spillway::server
