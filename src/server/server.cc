#include "server/server.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "net/door.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/uring_writer.h"
#include "redis/url.h"
#include "server/hub.h"
#include "server/lifecycle.h"
#include "server/shard.h"
#include "server/status_board.h"

namespace spillway::server {
namespace {

constexpr std::size_t kMailboxMessagesMax = 64 * 1024;
// Descriptors that are not viewers: Redis, listeners, event loops, what comes and goes.
constexpr std::size_t kOwnDescriptors = 256;
constexpr std::chrono::milliseconds kLifecycleTick{50};

// A loop, its shard (constructed on the loop's thread) and the door to it. Loop 0 has no thread of
// its own: it runs on the caller's, with the hub.
struct LoopThread {
  explicit LoopThread(std::uint32_t loop_index)
      : index(loop_index), door(loop.context(), kMailboxMessagesMax, [this](ToLoop&& message) {
          if (shard) shard->handle(std::move(message));
        }) {}

  const std::uint32_t index;
  net::Loop loop;
  net::Door<ToLoop> door;
  std::unique_ptr<Shard> shard;
  std::jthread thread;
};

// The composition root: every part of a chat server on one screen.
class Server {
 public:
  Server(ServerOptions options, const redis::Url& redis, std::vector<net::Bound> listeners,
         Log& log)
      : options_(std::move(options)),
        log_(log),
        budget_(options_.connections_max),
        listeners_(std::move(listeners)),
        loops_(make_loops(options_.threads)),
        hub_door_(main().context(), kMailboxMessagesMax,
                  [this](ToHub&& message) { hub_.handle(std::move(message)); }),
        hub_(main().context(), redis, options_, hub_ports(), status_, log),
        signals_(main().context(), SIGTERM, SIGINT),
        lifecycle_timer_(main().context()) {}

  int run() {
    hub_.start();
    wait_for_signal();
    main().run();
    stop_threads();
    return exit_code_;
  }

 private:
  static std::vector<std::unique_ptr<LoopThread>> make_loops(unsigned count) {
    std::vector<std::unique_ptr<LoopThread>> loops;
    for (std::uint32_t i = 0; i < count; ++i) loops.push_back(std::make_unique<LoopThread>(i));
    return loops;
  }

  net::Loop& main() { return loops_.front()->loop; }

  Hub::Ports hub_ports() {
    Hub::Ports ports;
    for (const auto& loop : loops_) {
      LoopThread* const at = loop.get();
      if (at->index == 0) {
        ports.to_loops.emplace_back([at](ToLoop&& message) {
          if (at->shard) at->shard->handle(std::move(message));
          return Post::kAccepted;
        });
      } else {
        ports.to_loops.emplace_back(
            [at](ToLoop&& message) { return at->door.post(std::move(message)); });
      }
    }
    ports.on_ready = [this] { start_shards(); };
    ports.on_lost = [this](const Error& error) {
      if (started_) return;
      fail(fmt::format("{}; start it, or name another with --redis", error.message));
    };
    ports.on_drain = [this] { drain("ordered", options_.drain_timeout); };
    return ports;
  }

  void start_shards() {
    started_ = true;
    for (const auto& loop : loops_) {
      LoopThread* const at = loop.get();
      boost::asio::post(at->loop.context(), [this, at] {
        at->shard = std::make_unique<Shard>(
            at->loop.context(),
            Shard::Start{at->index, std::move(listeners_[at->index].fd), post_to_hub(at->index)},
            options_, budget_, status_, log_);
        boost::asio::post(main().context(), [this] { shard_is_up(); });
      });
      if (at->index != 0) at->thread = std::jthread([at] { at->loop.run(); });
    }
  }

  PostToHub post_to_hub(std::uint32_t loop) {
    if (loop == 0) {
      return [this](ToHub&& message) {
        hub_.handle(std::move(message));
        return Post::kAccepted;
      };
    }
    return [this](ToHub&& message) { return hub_door_.post(std::move(message)); };
  }

  void shard_is_up() {
    if (++shards_up_ < loops_.size()) return;
    hub_.announce();
    log_.info("listening", {{"url", options_.advertise_url},
                            {"id", options_.id},
                            {"threads", options_.threads},
                            {"io", options_.io == IoMode::kUring ? "uring" : "send"},
                            {"connections_max", options_.connections_max}});
    fmt::print("listening {} id={}\n", options_.advertise_url, options_.id);
    std::fflush(stdout);
  }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      if (!started_) {
        main().stop();
        return;
      }
      if (lifecycle_.phase() == Lifecycle::Phase::kRunning) {
        drain("signal", Lifecycle::kSignalLimit);
      } else {
        log_.info("second signal: closing everybody now");
        perform(lifecycle_.hurry(Clock::now()));
      }
      wait_for_signal();
    });
  }

  void drain(std::string_view why, Duration limit) {
    const auto step = lifecycle_.drain(limit, Clock::now());
    if (step == Lifecycle::Step::kNothing) return;
    log_.info("draining", {{"why", why}, {"limit_ms", to_ms(limit)}});
    perform(step);
    tick_lifecycle();
  }

  void tick_lifecycle() {
    const bool away = lifecycle_.phase() == Lifecycle::Phase::kLeaving && !left_ && !asking_;
    if (away && hub_.redis_ready()) leave();  // it was lost meanwhile
    perform(lifecycle_.tick({hub_.all_gone(), hub_.unpublished(), left_, asking_}, Clock::now()));
    lifecycle_timer_.expires_after(kLifecycleTick);
    lifecycle_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick_lifecycle();
    });
  }

  void perform(Lifecycle::Step step) {
    switch (step) {
      case Lifecycle::Step::kNothing:
        return;
      case Lifecycle::Step::kDrain:
        status_.set_draining();
        hub_.set_draining();
        tell_loops(DrainOrder{lifecycle_.tell_within(), lifecycle_.close_after()});
        return;
      case Lifecycle::Step::kCloseAll:
        tell_loops(StopOrder{});
        return;
      case Lifecycle::Step::kLeave:
        leave();
        return;
      case Lifecycle::Step::kExit:
        finish();
        return;
    }
  }

  void leave() {
    asking_ = true;
    hub_.leave([this](bool done) {
      asking_ = false;
      left_ = done;
    });
  }

  template <typename Order>
  void tell_loops(const Order& order) {
    for (const auto& loop : loops_) {
      LoopThread* const at = loop.get();
      // Past the mailbox: an order to stop must not be refused because it is full.
      boost::asio::post(at->loop.context(), [at, order] {
        if (at->shard) at->shard->handle(ToLoop(order));
      });
    }
  }

  void finish() {
    const std::uint64_t lost = hub_.unpublished();
    log_.info("stopped", {{"unpublished", lost}});
    if (lost > 0) {
      fail(fmt::format("{} accepted messages could not be published: Redis is away", lost));
    } else if (!left_) {
      fail("stopped while Redis was away: this server's entries there are left to the balancer");
    }
    main().stop();
  }

  void fail(const std::string& sentence) {
    fmt::print(stderr, "spillway server: {}\n", sentence);
    exit_code_ = 1;
    main().stop();
  }

  // A shard dies on its own thread, before its loop.
  void stop_threads() {
    hub_.stop();
    for (const auto& loop : loops_) {
      LoopThread* const at = loop.get();
      if (at->index == 0) {
        at->shard.reset();
      } else if (at->thread.joinable()) {
        boost::asio::post(at->loop.context(), [at] {
          at->shard.reset();
          at->loop.stop();
        });
        at->thread.join();
      }
    }
  }

  const ServerOptions options_;
  Log& log_;
  StatusBoard status_;
  net::ConnectionBudget budget_;
  std::vector<net::Bound> listeners_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  net::Door<ToHub> hub_door_;
  Hub hub_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer lifecycle_timer_;
  Lifecycle lifecycle_;
  std::size_t shards_up_ = 0;
  bool started_ = false;
  bool asking_ = false;  // Redis was asked to let this server go
  bool left_ = false;    // and has said yes
  int exit_code_ = 0;
};

// One listening socket a loop, all on the same port.
Result<std::vector<net::Bound>> listen(ServerOptions& options) {
  std::vector<net::Bound> listeners;
  auto first = net::listen_near(options.host, options.port);
  if (!first) return first.error();
  const std::uint16_t port = first->port;
  listeners.push_back(std::move(*first));
  for (unsigned i = 1; i < options.threads; ++i) {
    auto sibling = net::listen_on(options.host, port, net::Share::kSibling);
    if (!sibling) return sibling.error();
    listeners.push_back(std::move(*sibling));
  }
  if (options.advertise_url.empty()) {
    options.advertise_url = fmt::format("ws://{}:{}", net::url_host(options.host), port);
  }
  return listeners;
}

// From here on `io` says what is used.
Status choose_writer(ServerOptions& options, Log& log) {
  if (options.io == IoMode::kSend) return ok();
  if (const Status works = net::UringWriter::probe(); !works) {
    if (options.io == IoMode::kUring) {
      return Error{fmt::format("--io uring: io_uring does not work here ({}); use --io auto",
                               works.error().message)};
    }
    log.info("no io_uring here, writing with send", {{"why", works.error().message}});
    options.io = IoMode::kSend;
    return ok();
  }
  options.io = IoMode::kUring;
  return ok();
}

}  // namespace

int run_server(ServerOptions options, Log& log) {
  const auto fail = [](const Error& error) {
    fmt::print(stderr, "spillway server: {}\n", error.message);
    return 1;
  };
  std::signal(SIGPIPE, SIG_IGN);
  const auto redis = redis::parse_url(options.redis_url);
  if (!redis) return fail(redis.error());
  if (options.id.empty()) options.id = random_uuid();
  const std::size_t descriptors = net::raise_descriptor_limit();
  if (options.connections_max == 0) {
    options.connections_max =
        descriptors > 2 * kOwnDescriptors ? descriptors - kOwnDescriptors : descriptors / 2;
  }
  if (const Status writer = choose_writer(options, log); !writer) return fail(writer.error());
  const std::uint16_t wanted = options.port;
  auto listeners = listen(options);
  if (!listeners) return fail(listeners.error());
  if (wanted != 0 && listeners->front().port != wanted) {
    log.warn("port is taken", {{"port", wanted}, {"instead", listeners->front().port}});
  }
  return Server(std::move(options), *redis, std::move(*listeners), log).run();
}

}  // namespace spillway::server
