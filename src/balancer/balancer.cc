#include "balancer/balancer.h"

#include <fmt/core.h>

namespace spillway::balancer {
namespace {

redis::ClientOptions client_options(const redis::Url& url, const char* name) {
  redis::ClientOptions options;
  options.url = url;
  options.client_name = name;
  return options;
}

LauncherOptions launcher_options(const BalancerOptions& options) {
  LauncherOptions launcher;
  launcher.redis_prefix = options.redis_prefix;
  launcher.server_arguments = options.server_arguments;
  launcher.dies_with_us = options.servers_die_with_us;
  return launcher;
}

}  // namespace

Balancer::Balancer(boost::asio::io_context& io, const BalancerOptions& options,
                   const redis::Url& url, Log& log)
    : options_(options),
      client_(io, client_options(url, "spillway-balancer"), log),
      subscriber_(io, client_options(url, "spillway-balancer-channels"), log),
      registry_(io, client_, options.redis_prefix, log),
      reaper_(client_, options.redis_prefix, log),
      provisioner_([random = Random(random_seed())](std::uint64_t bound) mutable {
        return random.below(bound);
      }),
      launcher_(io, subscriber_, launcher_options(options), log),
      http_(
          io, [routes = sources()](Exchange exchange) { route(std::move(exchange), routes, {}); },
          log) {}

void Balancer::start(OnReady on_ready) {
  on_ready_ = std::move(on_ready);
  const auto port = http_.listen(options_.host, options_.port);
  if (!port) return ready(port.error());
  port_ = *port;
  client_.start([this](const redis::Connected&) { connected(); },
                [this](const Error& error) { lost(error); });
  subscriber_.start(
      [this](std::string_view channel) { launcher_.on_subscribed(channel); },
      [this](std::string_view channel, std::string_view payload) { heard(channel, payload); },
      [](const redis::Connected&) {}, [](const Error&) {});
}

void Balancer::stop() {
  on_ready_ = {};
  http_.stop();
  registry_.stop();
  subscriber_.stop();
  client_.stop();
}

void Balancer::connected() {
  // Later its own timer finds the connection back.
  if (std::exchange(registry_started_, true)) return;
  registry_.start([this](const Fleet& fleet) { after_reading(fleet); });
}

void Balancer::lost(const Error& error) {
  ready(Error{fmt::format("--redis: {}; start it, or name another", error.message)});
}

void Balancer::heard(std::string_view channel, std::string_view payload) {
  const auto launched = launcher_.on_message(channel, payload);
  if (!launched) return;
  registry_.announce({launched->id, launched->url, "up", 0, std::chrono::milliseconds(0)},
                     Clock::now());
}

void Balancer::after_reading(const Fleet& fleet) {
  read_once_ = true;
  reaper_.look(fleet, registry_.watch());
  provisioner_.forget_gone(fleet);
  ready(ok());
}

void Balancer::ready(const Status& status) {
  if (const OnReady on_ready = std::exchange(on_ready_, {})) on_ready(status);
}

RouteSources Balancer::sources() {
  RouteSources sources;
  sources.health = [this] { return health(); };
  sources.provision = [this](std::string_view /*room*/) -> std::optional<RouteSources::Given> {
    const ServerState* const server = provisioner_.choose(registry_.fleet(), Clock::now());
    if (server == nullptr) return std::nullopt;
    return RouteSources::Given{server->id, server->url};
  };
  sources.create = [](const RouteSources::OnCreated& then) { then(Error{"not possible yet"}); };
  sources.drain_any = [](const RouteSources::OnDrainedAny& then) {
    then(Error{"not possible yet"});
  };
  sources.drain = [](const std::string& /*id*/, const RouteSources::OnDrained& then) {
    then(RouteSources::Drain::kUnknown);
  };
  sources.redis_stats = [] { return nullptr; };
  sources.metrics = [] { return std::string(); };
  sources.listen = [](const EventStream& /*stream*/, std::size_t /*rooms*/) {};
  return sources;
}

RouteSources::Health Balancer::health() const {
  using Health = RouteSources::Health;
  if (!read_once_) return Health::kStarting;
  if (!registry_.usable(Clock::now())) return Health::kLost;
  return client_.connected() ? Health::kOk : Health::kDegraded;
}

std::string Balancer::url() const {
  const bool ipv6 = options_.host.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", ipv6 ? "[" + options_.host + "]" : options_.host, port_);
}

}  // namespace spillway::balancer
