#include "load/crew.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "base/random.h"
#include "load/engine.h"

namespace spillway::load {
namespace {

// What the engines of one process need.
struct Post {
  const LoadOptions& options;
  const Board& board;
  std::optional<Endpoint> balancer;  // looked up once for all
  std::uint32_t worker;
  std::uint16_t run;
  TimePoint start;
};

// An engine is made by the thread that runs it.
void run_engine(const Post& post, std::uint32_t thread) {
  const std::uint32_t number = post.worker * post.options.threads + thread;
  const Author author{post.run, static_cast<std::uint16_t>(post.worker + 1)};
  Engine(post.options, post.board, {number, author, post.start}, post.balancer).run();
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
  std::optional<Endpoint> balancer;
  if (options.manners.fixed_url.empty()) {
    auto address = parse_address(options.balancer, {"http"});
    if (!address) return address.error();
    auto found = resolve(std::move(*address));
    if (!found) return found.error();
    balancer = std::move(*found);
  }
  Crew crew(board);
  const auto run = static_cast<std::uint16_t>(random_seed());
  Post post{options, board, std::move(balancer), 0, run, Clock::now()};
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
    return Error{fmt::format("cannot start worker {}: {}", post.worker, std::strerror(errno))};
  }
  return crew;
}

Crew::~Crew() {
  if (threads_.empty() && workers_.empty()) return;  // moved from, or nobody came to be
  board_.control().phase.store(Phase::kOver, std::memory_order_release);
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
