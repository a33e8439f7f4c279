#include "cli/up.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/balancer_flags.h"
#include "cli/config.h"
#include "cli/output.h"

namespace spillway::cli {

using std::chrono::milliseconds;

namespace {

constexpr unsigned kYoungDeathsMax = 3;  // in a row

}  // namespace

Up::Up(UpOptions options)
    : options_(std::move(options)),
      log_(options_.balancer.log_level),
      signals_(io_, [this] { stop(); }),
      redis_(io_) {}

int Up::run() {
  if (options_.balancer.redis_url.empty()) {
    start_redis();
  } else {
    start_balancer(options_.balancer.redis_url);
  }
  io_.run();
  if (failure_.empty()) return 0;
  return environment_error({"up", ""}, {failure_});
}

void Up::start_redis() {
  redis_.start(
      [this](const Status& status) {
        if (stopping_) return;
        if (!status) return fail(status.error().message);
        print_line(fmt::format("redis        {} (private)", redis_.url()));
        start_balancer(redis_.url());
      },
      [this](const std::string& why) {
        fail(
            fmt::format("its Redis crashed ({}) and the chat's state with it; everything was "
                        "stopped, start it again",
                        why));
      });
}

void Up::start_balancer(const std::string& redis_url) {
  const auto url = redis::parse_url(redis_url);
  if (!url) return fail("--redis: " + url.error().message);
  balancer::BalancerOptions& options = options_.balancer;
  options.server_arguments = server_arguments(options_.servers, redis_url);
  options.servers_die_with_us = true;
  servers_awaited_ = options.policy.servers_min;
  balancer_.emplace(io_, options, *url,
                    balancer::Children::Events{
                        [this](const balancer::Launched& launched) { server_started(launched); },
                        [this](const std::string& why, unsigned young_deaths) {
                          server_died(why, young_deaths);
                        }},
                    log_);
  balancer_->start([this](const Status& status) { balancer_ready(status); });
}

void Up::balancer_ready(const Status& status) {
  if (stopping_) return;
  if (!status) return fail(status.error().message);
  print_line(fmt::format("balancer     {}{}", balancer_->url(),
                         balancer_->moved() ? "  (the port it was told is taken)" : ""));
  // Servers that are there already, of a Redis that others use too, need not be started.
  servers_awaited_ -= std::min(servers_awaited_, balancer_->servers());
  if (servers_awaited_ == 0) print_line("ready; Ctrl-C stops everything");
}

void Up::server_started(const balancer::Launched& launched) {
  print_line(fmt::format("chat server  {}  id={}", launched.url, launched.id));
  if (servers_awaited_ == 0 || --servers_awaited_ > 0) return;
  print_line(fmt::format("chat         {}/chat/lobby", balancer_->url()));
  print_line(fmt::format("monitor      {}/monitor", balancer_->url()));
  print_line(
      fmt::format("in a shell   spillway chat --room lobby --balancer {}", balancer_->url()));
  print_line("ready; Ctrl-C stops everything");
}

// Whoever watches a terminal is better served by an end than by restarts that never help.
void Up::server_died(const std::string& why, unsigned young_deaths) {
  if (stopping_) return;
  if (young_deaths > kYoungDeathsMax) {
    return fail("the chat server does not stay up; everything was stopped: " + why);
  }
  print_line(fmt::format("chat server  ended, starting again: {}", why));
}

void Up::fail(const std::string& why) {
  if (failure_.empty() && !stopping_) failure_ = why;
  stop();
}

// Servers first, while their Redis is there to be left clean; then the balancer; then Redis.
void Up::stop() {
  if (std::exchange(stopping_, true)) return;
  print_line("stopping");
  if (!balancer_) return stop_balancer();
  balancer_->stop_children(milliseconds(2000), milliseconds(3000), [this] { stop_balancer(); });
}

void Up::stop_balancer() {
  if (balancer_) balancer_->stop();
  redis_.stop([this] {
    print_line("stopped, nothing is left behind");
    io_.stop();
  });
}

}  // namespace spillway::cli
