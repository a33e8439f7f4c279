#include "load/crew.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include "base/random.h"
#include "load/engine.h"

namespace spillway::load {
namespace {

// What the engines of one process need.
struct Post {
  const LoadOptions& options;
  const Board& board;
  std::uint32_t worker;
  std::uint16_t run;
  TimePoint start;
};

// An engine is made by the thread that runs it. What it cannot be made without was looked at
// before.
void run_engine(const Post& post, std::uint32_t thread) {
  const std::uint32_t number = post.worker * post.options.threads + thread;
  const Author author{post.run, static_cast<std::uint16_t>(post.worker + 1)};
  const auto engine = Engine::create(post.options, post.board, {number, author, post.start});
  if (!engine) return post.board.tally(number).problem.set(engine.error().message);
  (*engine)->run();
}

std::vector<std::thread> start_threads(const Post& post) {
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < post.options.threads; ++thread) {
    threads.emplace_back([post, thread] { run_engine(post, thread); });
  }
  return threads;
}

// A worker's whole life. It ends when the board says so, or with its parent; Ctrl-C, which a
// terminal sends to all, is the parent's business.
[[noreturn]] void work(const Post& post, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  for (std::thread& thread : start_threads(post)) thread.join();
  _exit(0);
}

}  // namespace

Result<Crew> Crew::start(const LoadOptions& options, const Board& board) {
  if (options.manners.fixed_url.empty()) {
    auto address = parse_address(options.balancer, {"http"});
    if (!address) return address.error();
    if (const auto found = resolve(std::move(*address)); !found) return found.error();
  }
  Crew crew;
  const auto run = static_cast<std::uint16_t>(random_seed());
  Post post{options, board, 0, run, Clock::now()};
  if (options.workers == 1) {
    crew.threads_ = start_threads(post);
    return crew;
  }
  const pid_t parent = getpid();
  for (; post.worker < options.workers; ++post.worker) {
    const pid_t pid = fork();
    if (pid == 0) work(post, parent);
    if (pid > 0) {
      crew.workers_.push_back(pid);
      continue;
    }
    const int error = errno;
    board.control().phase.store(Phase::kOver);
    return Error{fmt::format("cannot start worker {}: {}", post.worker, std::strerror(error))};
  }
  return crew;
}

Crew::~Crew() {
  for (std::thread& thread : threads_) thread.join();
  for (const pid_t pid : workers_) waitpid(pid, nullptr, 0);
}

std::string Crew::casualties() {
  std::string what;
  std::erase_if(workers_, [&what](pid_t pid) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != pid) return false;
    what = WIFSIGNALED(status)
               ? fmt::format("a worker was ended by {}", strsignal(WTERMSIG(status)))
               : fmt::format("a worker ended with {}", WEXITSTATUS(status));
    return true;
  });
  return what;
}

}  // namespace spillway::load
