#include "balancer/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/unique_fd.h"

namespace spillway::balancer {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{std::strerror(errno)};
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Everything the child needs, made before the fork: between fork and exec a process that had
// threads may not allocate.
struct Launch {
  std::string file;
  std::vector<std::string> texts;  // what the pointers below point to
  std::vector<char*> arguments;
  std::vector<char*> environment;
  bool dies_with_us = false;
  pid_t parent = ::getpid();
};

Launch prepare(const ChildOptions& options) {
  Launch launch;
  launch.file = options.file;
  launch.texts = options.arguments;
  launch.texts.insert(launch.texts.begin(), options.name.empty() ? options.file : options.name);
  for (std::string& text : launch.texts) launch.arguments.push_back(text.data());
  launch.arguments.push_back(nullptr);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).rfind("SPILLWAY_", 0) != 0) launch.environment.push_back(*entry);
  }
  launch.environment.push_back(nullptr);
  launch.dies_with_us = options.dies_with_us;
  return launch;
}

// Asio opens its sockets without close-on-exec, and a child that outlives us would keep our port.
void close_on_exec_from(int first) {
  if (::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = first; fd < 65'536; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);  // before Linux 5.11
}

// In the child, after the fork: only what is safe there. Tells `report` the errno of a failure.
[[noreturn]] void become(const Launch& launch, int stderr_fd, int report) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(stderr_fd, STDERR_FILENO);
  close_on_exec_from(STDERR_FILENO + 1);
  if (launch.dies_with_us) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) ::_exit(1);  // it was already over
  }
  std::signal(SIGPIPE, SIG_DFL);
  ::execvpe(launch.file.c_str(), launch.arguments.data(), launch.environment.data());
  const int problem = errno;
  static_cast<void>(!::write(report, &problem, sizeof problem));
  ::_exit(127);
}

// The errno of the exec, or 0 once it has succeeded and so closed the pipe.
int exec_problem(int report) {
  int problem = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &problem, sizeof problem);
  } while (got < 0 && errno == EINTR);
  return got == sizeof problem ? problem : 0;
}

}  // namespace

std::string describe(const ChildExit& exit) {
  std::string text = exit.by_signal ? fmt::format("killed by signal {}", exit.code)
                                    : fmt::format("exit code {}", exit.code);
  if (!exit.last_line.empty()) text += ": " + exit.last_line;
  return text;
}

ChildProcess::ChildProcess(boost::asio::io_context& io, OnStderr on_stderr, OnExit on_exit)
    : io_(io),
      stderr_(io),
      pidfd_(io),
      timer_(io),
      on_stderr_(std::move(on_stderr)),
      on_exit_(std::move(on_exit)) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(boost::asio::io_context& io,
                                                          const ChildOptions& options,
                                                          OnStderr on_stderr, OnExit on_exit) {
  std::unique_ptr<ChildProcess> child(
      new ChildProcess(io, std::move(on_stderr), std::move(on_exit)));
  if (const Status status = child->spawn(options); !status) return status.error();
  child->read_stderr();
  child->await_exit();
  return child;
}

Status ChildProcess::spawn(const ChildOptions& options) {
  auto said = make_pipe();
  if (!said) return said.error();
  auto report = make_pipe();
  if (!report) return report.error();
  const Launch launch = prepare(options);
  pid_ = ::fork();
  if (pid_ < 0) return Error{fmt::format("cannot fork: {}", std::strerror(errno))};
  if (pid_ == 0) become(launch, said->write.get(), report->write.get());
  report->write.reset();
  if (const int problem = exec_problem(report->read.get()); problem != 0) {
    ::waitpid(pid_, nullptr, 0);
    return Error{fmt::format("{}: {}", options.file, std::strerror(problem))};
  }
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd < 0) {
    const int problem = errno;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    return Error{fmt::format("cannot watch a child (pidfd_open: {})", std::strerror(problem))};
  }
  pidfd_.assign(pidfd);
  stderr_.assign(said->read.release());
  stderr_.non_blocking(true);
  return ok();
}

void ChildProcess::read_stderr() {
  stderr_.async_read_some(boost::asio::buffer(buffer_),
                          [this](const error_code& problem, std::size_t size) {
                            if (problem) return;
                            hear({buffer_.data(), size});
                            read_stderr();
                          });
}

void ChildProcess::hear(std::string_view bytes) {
  on_stderr_(bytes);
  for (const char c : bytes) {
    if (c != '\n') {
      if (line_.size() < kLineBytesMax) line_ += c;
    } else if (!line_.empty()) {
      last_line_ = std::exchange(line_, {});
    }
  }
}

void ChildProcess::await_exit() {
  pidfd_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](const error_code& problem) {
                      if (problem) return;
                      int status = 0;
                      if (::waitpid(pid_, &status, WNOHANG) == pid_) return finish(status);
                      await_exit();
                    });
}

// What the child said last is still in the pipe; a grandchild may hold it open, so this does not
// wait for its end.
void ChildProcess::drain_stderr() {
  error_code problem;
  stderr_.cancel(problem);
  for (int reads = 0; reads < 16; ++reads) {
    const std::size_t size = stderr_.read_some(boost::asio::buffer(buffer_), problem);
    if (problem) return;
    hear({buffer_.data(), size});
  }
}

void ChildProcess::finish(int wait_status) {
  drain_stderr();
  if (!line_.empty()) last_line_ = std::move(line_);
  error_code ignored;
  stderr_.close(ignored);
  pidfd_.close(ignored);
  timer_.cancel();
  pid_ = -1;
  ChildExit exit;
  exit.by_signal = WIFSIGNALED(wait_status);
  exit.code = exit.by_signal ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  exit.last_line = std::move(last_line_);
  // Behind whatever of this object is already queued, so that `on_exit` may destroy it.
  boost::asio::post(io_,
                    [on_exit = std::move(on_exit_), exit = std::move(exit)] { on_exit(exit); });
}

void ChildProcess::stop(milliseconds patience, milliseconds last_resort) {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  if (std::exchange(stopping_, true)) return kill_after(last_resort);
  timer_.expires_after(patience);
  timer_.async_wait([this, last_resort](const error_code& cancelled) {
    if (cancelled || pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    kill_after(last_resort);
  });
}

void ChildProcess::kill_after(milliseconds last_resort) {
  timer_.expires_after(last_resort);
  timer_.async_wait([this](const error_code& cancelled) {
    if (!cancelled && pid_ >= 0) ::kill(pid_, SIGKILL);
  });
}

}  // namespace spillway::balancer
