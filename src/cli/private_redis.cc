#include "cli/private_redis.h"

#include <fmt/core.h>
#include <stdlib.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace spillway::cli {

namespace fs = std::filesystem;
using boost::system::error_code;
using std::chrono::milliseconds;

void PrivateRedis::start(OnReady on_ready, OnCrash on_crash) {
  on_ready_ = std::move(on_ready);
  on_crash_ = std::move(on_crash);
  if (const Status status = make_directory(); !status) return ready(status);
  balancer::ChildOptions options;
  options.file = "redis-server";
  options.arguments = {"--port",       "0",        "--save",       "",
                       "--appendonly", "no",       "--dir",        directory_,
                       "--logfile",    log_path(), "--unixsocket", socket_path()};
  options.dies_with_us = true;
  auto child = balancer::ChildProcess::start(
      io_, options, [](std::string_view) {},  // its last line is told if it fails
      [this](const balancer::ChildExit& exit) { exited(exit); });
  if (!child) {
    return ready(Error{child.error().message +
                       "; `apt install redis-server`, or name a Redis with --redis"});
  }
  child_ = std::move(*child);
  poll(Clock::now() + kStartTimeout);
}

Status PrivateRedis::make_directory() {
  error_code ignored;
  std::string path = fs::temp_directory_path(ignored).string() + "/spillway-XXXXXX";
  constexpr std::size_t kSocketPathMax = 107;  // sockaddr_un
  if (path.size() + std::strlen("/redis.sock") > kSocketPathMax) path = "/tmp/spillway-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {  // with mode 0700
    return Error{fmt::format("cannot make the directory {} ({}); set TMPDIR to where it can be",
                             path, std::strerror(errno))};
  }
  directory_ = path;
  return ok();
}

void PrivateRedis::remove_directory() {
  if (directory_.empty()) return;
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
  directory_.clear();
}

void PrivateRedis::poll(TimePoint deadline) {
  boost::asio::local::stream_protocol::socket probe(io_);
  error_code problem;
  probe.connect(socket_path(), problem);
  if (!problem) return ready(ok());
  if (Clock::now() > deadline) {
    return ready(Error{"redis-server does not listen; name another Redis with --redis"});
  }
  poll_.expires_after(milliseconds(10));
  poll_.async_wait([this, deadline](const error_code& cancelled) {
    if (!cancelled && child_) poll(deadline);
  });
}

void PrivateRedis::exited(const balancer::ChildExit& exit) {
  child_.reset();
  poll_.cancel();
  if (on_gone_) {
    remove_directory();
    return std::exchange(on_gone_, {})();
  }
  if (on_ready_) return ready(Error{"redis-server ended: " + why(exit)});
  on_crash_(why(exit));
}

// Redis says why on stderr before it has read its settings, in its log afterwards.
std::string PrivateRedis::why(const balancer::ChildExit& exit) const {
  balancer::ChildExit with_log = exit;
  std::ifstream log(log_path());
  for (std::string line; !exit.by_signal && std::getline(log, line);) {
    if (line.find(" # ") != std::string::npos) with_log.last_line = line;  // the last warning
  }
  return balancer::describe(with_log);
}

void PrivateRedis::ready(const Status& status) {
  boost::asio::post(io_, [on_ready = std::exchange(on_ready_, {}), status] { on_ready(status); });
}

void PrivateRedis::stop(std::function<void()> on_gone) {
  on_ready_ = {};
  poll_.cancel();
  if (!child_) {
    remove_directory();
    return boost::asio::post(io_, std::move(on_gone));
  }
  on_gone_ = std::move(on_gone);
  child_->stop(milliseconds(2000), milliseconds(1000));
}

}  // namespace spillway::cli
