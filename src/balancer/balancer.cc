#include "balancer/balancer.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "balancer/metrics_page.h"
#include "balancer/stats_json.h"
#include "base/overloaded.h"

namespace spillway::balancer {
namespace {

constexpr int kRemovalsMax = 16;  // a second; the others are dead a second later too

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
  launcher.start_timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.server_start_timeout);
  return launcher;
}

ProvisionSettings provision_settings(const PolicySettings& policy) {
  ProvisionSettings settings;
  settings.window = policy.spawn_window;
  settings.room_below = policy.room_below;
  return settings;
}

bool binds_to_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

}  // namespace

Balancer::Balancer(boost::asio::io_context& io, const BalancerOptions& options,
                   const redis::Url& url, Children::Events events, Log& log)
    : options_(options),
      log_(log),
      names_(options.redis_prefix),
      client_(io, client_options(url, "spillway-balancer"), log),
      subscriber_(io, client_options(url, "spillway-balancer-channels"), log),
      fleet_(options.capacity, options.silence),
      lease_(client_, names_, options.lease),
      registry_(io, client_, fleet_, lease_, names_, log),
      orders_(client_, lease_, names_, options.silence, log),
      policy_(options.policy),
      random_(random_seed()),
      provisioner_(provision_settings(options.policy),
                   [this](std::uint64_t bound) { return random_.below(bound); }),
      launcher_(io, subscriber_, launcher_options(options), log),
      children_(launcher_, orders_, fleet_, policy_,
                {std::move(events.on_started),
                 [this, on_died = std::move(events.on_died)](const std::string& why,
                                                             unsigned young_deaths) {
                   fleet_changed();
                   log_.warn("server died", {{"why", why}});
                   on_died(why, young_deaths);
                 }},
                log),
      feed_(fleet_, decisions_, options.policy),
      http_(
          io,
          [sources = sources(), route_options = RouteOptions{options.admin_token,
                                                             binds_to_loopback(options.host),
                                                             options.cors_origin,
                                                             options.capacity,
                                                             {web_files(), options.frame_origin}}](
              Exchange exchange) { route(std::move(exchange), sources, route_options); },
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

void Balancer::resign(const std::function<void()>& on_resigned) {
  stopping_ = true;
  lease_.release(on_resigned);
}

void Balancer::stop_children(std::chrono::milliseconds patience,
                             std::chrono::milliseconds last_resort, std::function<void()> on_gone) {
  resign([] {});
  children_.stop(patience, last_resort, std::move(on_gone));
}

void Balancer::stop() {
  stopping_ = true;
  on_ready_ = {};
  feed_.stop();
  http_.stop();
  registry_.stop();
  subscriber_.stop();
  client_.stop();
}

void Balancer::connected() {
  // Later its own timer finds the connection back.
  if (std::exchange(registry_started_, true)) return registry_.reconnected();
  registry_.start([this](bool on_time) { tick(on_time); });
}

void Balancer::lost(const Error& error) {
  ready(Error{fmt::format("--redis: {}; start it, or name another", error.message)});
}

void Balancer::heard(std::string_view channel, std::string_view payload) {
  const auto launched = launcher_.on_message(channel, payload);
  if (!launched) return;
  fleet_.announce(launched->id, launched->url, Clock::now());
  fleet_changed();
}

void Balancer::fleet_changed() {
  provisioner_.refresh(fleet_, Clock::now());
  stats_ = nullptr;
}

void Balancer::ready(const Status& status) {
  if (const OnReady on_ready = std::exchange(on_ready_, {})) on_ready(status);
}

void Balancer::tick(bool on_time) {
  const TimePoint now = Clock::now();
  read_once_ = true;
  fleet_changed();
  ready(ok());
  remind_of_children();
  if (may_decide(on_time, now)) {
    remove_dead(now);
    for (const Decision& decision : policy_.decide(view(now))) act(decision);
  }
  feed_.tick({provisions_, deciding_});
}

// Only who holds the lease, and only on what was read in time and shows all of the fleet.
bool Balancer::may_decide(bool on_time, TimePoint now) {
  const bool deciding = !stopping_ && lease_.held(now);
  if (deciding != std::exchange(deciding_, deciding)) {
    log_.info(deciding ? "deciding" : "not deciding any more");
    policy_.forget();
  }
  return deciding && on_time && registry_.watch().settled(now);
}

// Their silence counts only as far as we would have heard them.
void Balancer::remove_dead(TimePoint now) {
  if (!registry_.watch().steady(now, options_.silence.dead_after)) return;
  int removals = 0;
  for (const auto& server : fleet_.servers()) {
    if (!is_dead(server->now, options_.silence) || ++removals > kRemovalsMax) continue;
    const std::string id = server->now.id;
    orders_.remove_dead(id, [this, id](Orders::Outcome outcome) {
      if (outcome != Orders::Outcome::kDone) return;
      note(
          "remove", fmt::format("{} is silent; its entries were removed", id),
          {{"silent_after_s", std::chrono::duration<double>(options_.silence.dead_after).count()}});
    });
  }
}

void Balancer::remind_of_children() {
  for (const auto& server : fleet_.servers()) {
    const ServerReading& read = server->now;
    if (!read.ours && launcher_.has(read.id)) orders_.note_started(read.id);
  }
}

FleetView Balancer::view(TimePoint now) const {
  FleetView view;
  view.now = now;
  view.starting = children_.starting();
  const PolicySettings& settings = policy_.settings();
  for (const auto& server : fleet_.servers()) {
    ServerView& seen = view.servers.emplace_back();
    seen.id = server->now.id;
    seen.url = server->now.url;
    seen.alive = server->alive;
    seen.draining = shown_status(*server) == "draining";
    seen.ours = server->now.ours;
    seen.viewers = server->now.viewers;
    seen.spawn_load = server->load.load(settings.spawn_window);
    seen.redistribute_load = server->load.load(settings.redistribute_window);
    seen.lag_ms = server->load.lag_ms(settings.redistribute_lag_window);
    seen.leaver_cost = server->leaver_cost;
    seen.expected_load = provisioner_.expected_load(server->now.id, now);
  }
  return view;
}

void Balancer::act(const Decision& decision) {
  const Description said = describe(decision, policy_.settings());
  note(said.what, said.why, {said.numbers.begin(), said.numbers.end()});
  const auto spawn = [this] {
    children_.start(Children::By::kPolicy, [](const Result<Launched>&) {});
  };
  std::visit(
      overloaded{[&](const SpawnDecision&) { spawn(); }, [&](const HealDecision&) { spawn(); },
                 [this](const RedistributeDecision& move) { redistribute(move); },
                 [this](const ShrinkDecision& shrink) {
                   fleet_.told_to_drain(shrink.server, Clock::now());
                   fleet_changed();
                   children_.expect_end(shrink.server);
                   orders_.send(shrink.server, protocol::DrainOrder{}, [](Orders::Outcome) {});
                 }},
      decision);
}

void Balancer::redistribute(const RedistributeDecision& move) {
  const TimePoint now = Clock::now();
  for (const auto& target : move.order.targets) {
    provisioner_.told(target.url, target.n, target.n * move.leaver_load, now);
  }
  orders_.send(move.server, move.order, [](Orders::Outcome) {});
}

void Balancer::note(std::string_view what, std::string why,
                    std::vector<std::pair<std::string, double>> numbers) {
  std::string shown;
  for (const auto& [name, number] : numbers) {
    shown += fmt::format("{}{}={:.4g}", shown.empty() ? "" : " ", name, number);
  }
  log_.info(what, {{"why", why}, {"numbers", shown}});
  decisions_.add({wall_now().ms, std::string(what), std::move(why), std::move(numbers)});
  stats_ = nullptr;
}

std::uint32_t Balancer::servers() const {
  const auto& servers = fleet_.servers();
  return static_cast<std::uint32_t>(std::count_if(
      servers.begin(), servers.end(), [](const auto& server) { return server->alive; }));
}

std::string Balancer::url() const {
  const bool ipv6 = options_.host.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", ipv6 ? "[" + options_.host + "]" : options_.host, port_);
}

}  // namespace spillway::balancer
