#include "balancer/launcher.h"

#include <fmt/core.h>

#include <boost/asio/post.hpp>
#include <cstdio>

#include "base/random.h"

namespace spillway::balancer {

using boost::system::error_code;
using std::chrono::milliseconds;

// A child from the wish for it to its exit.
struct Launcher::Child {
  Child(boost::asio::io_context& io, std::string its_id) : id(std::move(its_id)), deadline(io) {}

  const std::string id;
  BeforeFork before_fork;  // empty once it was called
  OnStarted on_started;    // empty once it was called
  OnExit on_exit;
  boost::asio::steady_timer deadline;
  std::unique_ptr<ChildProcess> process;  // empty before the fork
  std::string failure;                    // why it is being stopped before it had started
};

Launcher::Launcher(boost::asio::io_context& io, redis::Subscriber& subscriber,
                   LauncherOptions options, Log& log)
    : io_(io),
      subscriber_(subscriber),
      options_(std::move(options)),
      names_(options_.redis_prefix),
      log_(log) {}

Launcher::~Launcher() = default;

void Launcher::launch(BeforeFork before_fork, OnStarted on_started, OnExit on_exit) {
  const std::string id = random_uuid();
  const std::string channel = names_.server_channel(id);
  auto child = std::make_unique<Child>(io_, id);
  child->before_fork = std::move(before_fork);
  child->on_started = std::move(on_started);
  child->on_exit = std::move(on_exit);
  child->deadline.expires_after(options_.start_timeout);
  child->deadline.async_wait([this, channel](const error_code& cancelled) {
    if (cancelled) return;
    const auto found = children_.find(channel);
    const bool is_forked = found != children_.end() && found->second->process;
    fail(channel,
         fmt::format("{} within {} ms", is_forked ? "it did not listen" : "Redis did not answer",
                     options_.start_timeout.count()));
  });
  children_[channel] = std::move(child);
  subscriber_.subscribe(channel);  // the fork waits for the confirmation
}

void Launcher::on_subscribed(std::string_view channel) {
  const auto found = children_.find(channel);
  if (found == children_.end() || !found->second->before_fork) return;
  const auto before_fork = std::exchange(found->second->before_fork, {});
  before_fork(found->second->id, [this, channel = std::string(channel)](const Status& status) {
    const auto still = children_.find(channel);
    if (still == children_.end()) return;
    if (!status) return fail(channel, status.error().message);
    fork_child(*still->second);
  });
}

void Launcher::fork_child(Child& child) {
  const std::string channel = names_.server_channel(child.id);
  ChildOptions options;
  options.name = "spillway";
  options.file = "/proc/self/exe";  // of the child after the fork, which is still this binary
  options.arguments = options_.server_arguments;
  options.arguments.insert(options.arguments.begin(), "server");
  options.arguments.push_back("--id=" + child.id);
  options.dies_with_us = options_.dies_with_us;
  auto process = ChildProcess::start(
      io_, options,
      [](std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stderr); },
      [this, channel](const ChildExit& exit) { exited(channel, exit); });
  if (!process) return fail(channel, process.error().message);
  child.process = std::move(*process);
  log_.debug("server forked", {{"id", child.id}, {"pid", child.process->pid()}});
}

std::optional<Launched> Launcher::on_message(std::string_view channel, std::string_view payload) {
  const auto found = children_.find(channel);
  if (found == children_.end() || !found->second->on_started) return std::nullopt;
  Child& child = *found->second;
  if (payload.rfind("ws://", 0) != 0 && payload.rfind("wss://", 0) != 0) return std::nullopt;
  child.deadline.cancel();
  subscriber_.unsubscribe(channel);
  const OnStarted on_started = std::exchange(child.on_started, {});
  const Launched launched{child.id, std::string(payload)};
  on_started(launched);
  return launched;
}

void Launcher::fail(const std::string& channel, const std::string& why) {
  const auto found = children_.find(channel);
  if (found == children_.end() || !found->second->on_started) return;
  Child& child = *found->second;
  if (child.process) {  // its exit ends the matter
    child.failure = why;
    child.process->stop(milliseconds(1000), milliseconds(1000));
    return;
  }
  subscriber_.unsubscribe(channel);
  // Not from within launch() or a callback of the child's own timer.
  boost::asio::post(io_,
                    [child = std::move(found->second), why] { child->on_started(Error{why}); });
  children_.erase(found);
}

void Launcher::exited(const std::string& channel, const ChildExit& exit) {
  const auto found = children_.find(channel);
  if (found == children_.end()) return;
  const std::unique_ptr<Child> child = std::move(found->second);
  children_.erase(found);
  subscriber_.unsubscribe(channel);
  if (child->on_started) {
    child->on_started(Error{child->failure.empty() ? describe(exit) : child->failure});
  } else {
    child->on_exit(child->id, exit);
  }
}

bool Launcher::has(const std::string& id) const {
  return children_.contains(names_.server_channel(id));
}

void Launcher::stop(const std::string& id, milliseconds patience, milliseconds last_resort) {
  const auto found = children_.find(names_.server_channel(id));
  if (found == children_.end() || !found->second->process) return;
  found->second->process->stop(patience, last_resort);
}

void Launcher::stop_all(milliseconds patience, milliseconds last_resort) {
  std::vector<std::string> waiting;  // failing takes them out of the map
  for (const auto& [channel, child] : children_) {
    if (child->process) {
      child->process->stop(patience, last_resort);
    } else {
      waiting.push_back(channel);
    }
  }
  for (const std::string& channel : waiting) fail(channel, "stopped");
}

}  // namespace spillway::balancer
