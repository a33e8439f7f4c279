#include "cli/balancer_flags.h"

#include <algorithm>
#include <thread>

#include "cli/server_flags.h"

namespace spillway::cli {
namespace {

using balancer::AtExit;
using balancer::BalancerOptions;
using balancer::PolicySettings;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr DurationBounds kWindow{seconds(1), seconds(60)};  // the balancer keeps no more
constexpr Bounds<double> kLoad{0.01, 100};

void add_fleet_flags(FlagSet& flags, BalancerOptions& options) {
  PolicySettings& policy = options.policy;
  flags.add(count_flag(policy.servers_min, {"servers-min", "Chat servers to keep up", "N"},
                       Bounds<std::uint32_t>{0, 1000}));
  flags.add(
      count_flag(policy.servers_max,
                 {"servers-max", "At most this many, whoever started them; 0: one a core", "N"},
                 Bounds<std::uint32_t>{0, 1000}));
  flags.add(number_flag(options.capacity.deliveries_per_s,
                        {"spawn-writes", "Deliveries a second that a server may sustain"},
                        {1, 1e12}));
  flags.add(number_flag(options.capacity.busy,
                        {"spawn-busy", "Share of a loop's time that a server may use"}, {0.01, 1}));
  flags.add(duration_flag(options.server_start_timeout,
                          {"server-start-timeout", "A server that does not listen by then failed"},
                          {milliseconds(100), seconds(60)}));
  flags.add(choice_flag(options.servers_at_exit,
                        {"servers-at-exit", "What a stop does to the servers it started"},
                        {{"drain", AtExit::kDrain}, {"keep", AtExit::kKeep}}));
}

void add_spawn_flags(FlagSet& flags, PolicySettings& policy) {
  flags.add(number_flag(policy.room_below,
                        {"room-below", "A server has room while its load is below this"}, kLoad));
  flags.add(number_flag(policy.spawn_above,
                        {"spawn-above", "Load above which a server needs help; 1 is full"}, kLoad));
  flags.add(duration_flag(policy.spawn_window, {"spawn-window", "Over which that load is averaged"},
                          kWindow));
  flags.add(duration_flag(policy.spawn_pause,
                          {"spawn-pause", "Between two spawns on one server's account"},
                          {seconds(0), hours(1)}));
}

void add_redistribute_flags(FlagSet& flags, PolicySettings& policy) {
  flags.add(number_flag(policy.redistribute_above,
                        {"redistribute-above", "Load above which viewers are moved off"}, kLoad));
  flags.add(duration_flag(policy.redistribute_window,
                          {"redistribute-window", "Over which that load is averaged"}, kWindow));
  flags.add(number_flag(policy.redistribute_lag_ms,
                        {"redistribute-lag-ms", "Loop lag, in ms, above which they are too"},
                        {0.1, 60'000}));
  flags.add(duration_flag(policy.redistribute_lag_window,
                          {"redistribute-lag-window", "Over which that lag is averaged"}, kWindow));
  flags.add(number_flag(policy.redistribute_share,
                        {"redistribute-share", "Share of its viewers moved each second"},
                        {0.001, 1}));
}

void add_shrink_and_heal_flags(FlagSet& flags, BalancerOptions& options) {
  PolicySettings& policy = options.policy;
  flags.add(number_flag(policy.shrink_below,
                        {"shrink-below", "Load at which the fleet has to fit in one server fewer"},
                        kLoad));
  flags.add(duration_flag(policy.shrink_after,
                          {"shrink-after", "For how long it has to, before one is drained"},
                          {seconds(1), hours(24)}));
  flags.add(duration_flag(policy.heal_delay,
                          {"heal-delay", "Before a server that died is replaced; doubles"},
                          {milliseconds(1), seconds(60)}));
  flags.add(duration_flag(policy.heal_delay_max, {"heal-delay-max", "The longest such delay"},
                          {milliseconds(1), hours(1)}));
  flags.add(duration_flag(options.silence.silent_after,
                          {"silent-after", "Without a heartbeat for this long: no more viewers"},
                          {milliseconds(1500), seconds(60)}));
  flags.add(duration_flag(options.silence.dead_after,
                          {"dead-after", "Without a heartbeat for this long: removed"},
                          {seconds(2), seconds(600)}));
  flags.add(duration_flag(options.lease,
                          {"lease", "Another balancer takes over this long after one went silent"},
                          {milliseconds(1500), seconds(60)}));
}

// Header values: what would end the line, or is no ASCII, is no token.
Status check_token(const std::string& token) {
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (plain) return ok();
  return Error{"it may hold only visible ASCII characters; write another token"};
}

bool is_origin(const std::string& text) {
  return (text.starts_with("http://") || text.starts_with("https://")) && check_token(text);
}

// It becomes a word of a Content-Security-Policy, where `;` and `,` begin something else.
Status check_frame_origin(const std::string& origin) {
  const bool is_word = origin.find_first_of(";,'\"") == std::string::npos;
  if (origin.empty() || (is_origin(origin) && is_word)) return ok();
  return Error{"'" + origin + "' is no origin; write one such as https://example.org"};
}

Status check_origin(const std::string& origin) {
  if (origin == "*" || origin == "off" || is_origin(origin)) return ok();
  return Error{"'" + origin + "' is no origin; write *, off, or one such as https://example.org"};
}

}  // namespace

FlagSet balancer_flags(BalancerOptions& options, server::ServerOptions& servers) {
  FlagSet flags;
  flags.add(text_flag(options.host, {"host", "Address to listen on", "HOST"}));
  flags.add(port_flag(options.port, {"port", "Taken: the next free one; 0: any"}));
  flags.add(redis_flag(options.redis_url));
  flags.add(redis_prefix_flag(options.redis_prefix));
  flags.add(checked_flag(options.admin_token,
                         {"admin-token", "Who changes the fleet has to send it", "TOKEN"},
                         check_token));
  flags.add(checked_flag(
      options.cors_origin,
      {"cors-origin", "Pages that may ask for a server: *, one origin, or off", "ORIGIN"},
      check_origin));
  flags.add(checked_flag(
      options.frame_origin,
      {"frame-origin", "Whose pages may show the chat in a frame; empty: no other's", "ORIGIN"},
      check_frame_origin));
  add_fleet_flags(flags, options);
  add_spawn_flags(flags, options.policy);
  add_redistribute_flags(flags, options.policy);
  add_shrink_and_heal_flags(flags, options);
  flags.add(log_level_flag(options.log_level));
  // The balancer names its servers, and they use its Redis.
  flags.add_prefixed(server_flags(servers), "server-", {"id", "redis", "redis-prefix"});
  return flags;
}

Status complete_balancer_options(BalancerOptions& options, server::ServerOptions& servers) {
  PolicySettings& policy = options.policy;
  if (policy.servers_max == 0) {
    policy.servers_max = std::max({policy.servers_min, std::thread::hardware_concurrency(), 1U});
  }
  if (policy.servers_max < policy.servers_min) {
    return Error{"--servers-max: it is less than --servers-min; raise it, or lower the other"};
  }
  if (options.silence.dead_after <= options.silence.silent_after) {
    return Error{"--dead-after: it must be longer than --silent-after"};
  }
  servers.redis_prefix = options.redis_prefix;
  return check_server_options(servers, "--server-");
}

std::vector<std::string> server_arguments(server::ServerOptions servers,
                                          const std::string& redis_url) {
  servers.redis_url = redis_url;
  return server_flags(servers).as_arguments();
}

}  // namespace spillway::cli
