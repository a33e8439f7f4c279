#include "cli/server_flags.h"

#include "base/random.h"
#include "redis/url.h"

namespace spillway::cli {
namespace {

using server::IoMode;
using server::ServerOptions;
using server::SlowViewer;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

Status check_id(const std::string& id) {
  if (id.empty() || is_uuid(id)) return ok();
  return Error{fmt::format("'{}' is not a UUID; leave the flag out for a new one", id)};
}

Status check_advertise_url(const std::string& url) {
  for (const std::string_view scheme : {"ws://", "wss://"}) {
    if (url.rfind(scheme, 0) == 0 && url.size() > scheme.size()) return ok();
  }
  if (url.empty()) return ok();
  return Error{fmt::format("'{}' is not a WebSocket URL; write ws://HOST:PORT or wss://HOST", url)};
}

void add_history_flags(FlagSet& flags, ServerOptions& options) {
  flags.add(count_flag(options.history_messages,
                       {"history-messages", "Newest messages that a room keeps"}, {0, 100'000}));
  flags.add(duration_flag(options.history_window,
                          {"history-window", "A room keeps whatever is younger than this"},
                          {seconds(0), hours(24)}));
  flags.add(size_flag(options.history_bytes_max,
                      {"history-bytes-max", "At most this much JSON a room"},
                      {64 * kKiB, 1024 * kMiB}));
  flags.add(duration_flag(options.history_ttl,
                          {"history-ttl", "A room's log expires this long after its last message"},
                          {seconds(1), hours(24 * 30)}));
}

void add_limit_flags(FlagSet& flags, ServerOptions& options) {
  flags.add(rate_flag(options.rate_limit, {"rate-limit", "Chat messages of one viewer, or off"}));
  flags.add(size_flag(options.message_bytes_max,
                      {"message-bytes-max", "Text of one chat message, decoded"}, {1, kMiB}));
  flags.add(count_flag(options.connections_max,
                       {"connections-max", "Viewers at once; 0: the descriptor limit less 256"},
                       Bounds<std::size_t>{0, 10'000'000}));
  flags.add(duration_flag(options.flush_interval_max,
                          {"flush-interval-max", "Longest wait chosen to fill a write"},
                          {milliseconds(0), seconds(10)}));
  flags.add(choice_flag(options.slow_viewer,
                        {"slow-viewer", "A viewer that fell out of the history: skip or close"},
                        {{"skip", SlowViewer::kSkip}, {"close", SlowViewer::kClose}}));
}

}  // namespace

Flag redis_flag(std::string& target) {
  return checked_flag(target,
                      {"redis", "redis://, rediss://, unix:///path or redis+sentinel://", "URL"},
                      [](const std::string& given) -> Status {
                        const auto url = redis::parse_url(given);
                        return url ? ok() : Status(url.error());
                      });
}

Flag redis_prefix_flag(std::string& target) {
  return text_flag(target, {"redis-prefix", "Before every key and channel, for a shared Redis"});
}

FlagSet server_flags(ServerOptions& options) {
  FlagSet flags;
  flags.add(text_flag(options.host, {"host", "Address to listen on", "HOST"}));
  flags.add(port_flag(options.port, {"port", "Taken: the next free one; 0: any"}));
  flags.add(
      checked_flag(options.id, {"id", "Name in the fleet; default: a new one", "UUID"}, check_id));
  flags.add(redis_flag(options.redis_url));
  flags.add(redis_prefix_flag(options.redis_prefix));
  flags.add(count_flag(options.threads, {"threads", "Event loops"}, Bounds<std::uint32_t>{1, 64}));
  flags.add(
      checked_flag(options.advertise_url,
                   {"advertise-url", "What viewers are told; default: from host and port", "URL"},
                   check_advertise_url));
  add_limit_flags(flags, options);
  add_history_flags(flags, options);
  flags.add(choice_flag(
      options.io, {"io", "How a flush is written: io_uring where it works, send, or uring"},
      {{"auto", IoMode::kAuto}, {"send", IoMode::kSend}, {"uring", IoMode::kUring}}));
  flags.add(duration_flag(options.drain_timeout,
                          {"drain-timeout", "How long an ordered drain may take"},
                          {seconds(0), hours(24)}));
  flags.add(log_level_flag(options.log_level));
  return flags;
}

bool is_wildcard_host(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::" || host == "[::]" || host == "*";
}

Status check_server_options(const ServerOptions& options, std::string_view dashes) {
  if (is_wildcard_host(options.host) && options.advertise_url.empty()) {
    return Error{
        fmt::format("{0}host '{1}' listens everywhere, which is no address to give to viewers; add "
                    "{0}advertise-url ws://NAME:PORT",
                    dashes, options.host)};
  }
  return ok();
}

}  // namespace spillway::cli
