#include "redis/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/units.h"

namespace spillway::redis {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kRetryBase{50};
constexpr std::chrono::milliseconds kRetryCap{2000};
constexpr unsigned kDoublingsMax = 10;

}  // namespace

Duration retry_delay(unsigned failures, double unit) {
  const auto bound = std::min(kRetryCap, kRetryBase * (1u << std::min(failures, kDoublingsMax)));
  return std::chrono::duration_cast<Duration>(bound * unit);
}

// Runs `body` only if the present attempt is still the present one by then.
template <typename Body>
auto Connection::guarded(Body body) {
  return [token = std::weak_ptr<Token>(token_), body = std::move(body)](auto&&... arguments) {
    if (!token.expired()) body(std::forward<decltype(arguments)>(arguments)...);
  };
}

Connection::Connection(asio::io_context& io, ClientOptions options, Log& log, ConnectionUser& user)
    : io_(io),
      options_(std::move(options)),
      log_(log),
      user_(user),
      random_(random_seed()),
      to_(options_.url),
      deadline_(io),
      retry_(io) {
  if (to_.kind == Url::Kind::kSentinel) sentinels_ = std::make_unique<SentinelLink>(io, to_);
}

void Connection::stop() {
  token_.reset();
  stream_.reset();
  if (sentinels_) sentinels_->stop();
  connected_ = false;
  deadline_.cancel();
  retry_.cancel();
}

void Connection::attempt() {
  token_ = std::make_shared<Token>();
  armed_for_ = TimePoint::max();
  if (!sentinels_) return open(options_.url);
  to_ = options_.url;
  connect_deadline_ = TimePoint::max();  // each Sentinel has a limit of its own
  sentinels_->begin(guarded([this](const Result<HostPort>& named) { on_master(named); }));
}

void Connection::on_master(const Result<HostPort>& named) {
  if (!named) {
    return give_up({fmt::format("cannot connect to {}: {}", where(), named.error().message)});
  }
  if (!stream_) return open(master_url(options_.url, *named));
  give_up({fmt::format("lost {}: Sentinel names {} as the master now", where(), display(*named))});
}

void Connection::open(const Url& to) {
  to_ = to;
  reader_ = std::make_unique<RespReader>();
  greeting_.emplace(to_, options_.client_name, sentinels_ ? Role::kMaster : Role::kAny);
  outgoing_.clear();
  writing_ = false;
  flush_posted_ = false;
  connect_deadline_ = Clock::now() + options_.connect_timeout;
  arm();
  if (to_.kind == Url::Kind::kTls && !trust_) {
    auto trust = TlsTrust::load(to_.ca_file);
    if (!trust) {
      asio::post(io_, guarded([this, why = trust.error()] { on_open(why); }));
      return;
    }
    trust_ = *std::move(trust);
  }
  stream_ = std::make_unique<Stream>(io_);
  stream_->open(to_, trust_ ? &*trust_ : nullptr,
                guarded([this](const Status& status) { on_open(status); }));
}

void Connection::reconnect(const Error& why) {
  asio::post(io_,
             guarded([this, why] { give_up({fmt::format("lost {}: {}", where(), why.message)}); }));
}

void Connection::on_open(const Status& status) {
  if (!status) {
    return give_up({fmt::format("cannot connect to {}: {}", where(), status.error().message)});
  }
  read();
  flush();
}

void Connection::read() {
  stream_->read(guarded([this](const Result<std::string_view>& bytes) { on_bytes(bytes); }));
}

void Connection::on_bytes(const Result<std::string_view>& bytes) {
  if (!bytes) return give_up({fmt::format("lost {}: {}", where(), bytes.error().message)});
  const std::weak_ptr<Token> token = token_;
  reader_->feed(*bytes);
  while (true) {
    auto reply = reader_->next();
    if (!reply) return give_up({fmt::format("lost {}: {}", where(), reply.error().message)});
    if (!reply->has_value()) break;
    const Status status = on_reply(**std::move(reply));
    if (token.expired()) return;  // stopped by a callback
    if (!status) return give_up(status.error());
  }
  read();
  wake();
}

Status Connection::on_reply(Reply reply) {
  if (greeting_) return on_greeting_reply(reply);
  const Status status = user_.on_reply(std::move(reply));
  if (status) return ok();
  return Error{fmt::format("lost {}: {}", where(), status.error().message)};
}

Status Connection::on_greeting_reply(const Reply& reply) {
  const auto result = greeting_->receive(reply);
  if (!result) {
    // It is there and will not have us: another matter than the loss that was said before.
    const bool was_there = connected_at_ != TimePoint{};
    if (was_there &&
        std::exchange(refusal_logged_, result.error().message) != result.error().message) {
      log_.warn("redis refuses us",
                {{"connection", options_.client_name}, {"why", result.error().message}});
    }
    return result.error();
  }
  if (!result->has_value()) return ok();
  greeting_.reset();
  connected_ = true;
  loss_logged_ = false;
  refusal_logged_.clear();
  connected_at_ = Clock::now();
  const Connected& connected = **result;
  log_.info("redis connected", {{"connection", options_.client_name},
                                {"at", display(to_)},
                                {"version", connected.version},
                                {"run_id", connected.run_id}});
  user_.on_connected(connected);
  return ok();
}

void Connection::wake() {
  if (!connected_) return;
  arm();
  if (writing_ || flush_posted_) return;
  flush_posted_ = true;
  asio::post(io_, guarded([this] {
               flush_posted_ = false;
               flush();
             }));
}

void Connection::flush() {
  if (writing_) return;
  if (connected_) {
    user_.take(outgoing_);
  } else {
    outgoing_ = greeting_->bytes();
  }
  if (outgoing_.empty()) return;
  writing_ = true;
  stream_->write(outgoing_, guarded([this](const Status& status) {
                   // Who hangs up may have said why: the read, which always waits, comes to the end
                   // as well. Until then nothing more is written.
                   if (!status) return;
                   writing_ = false;
                   wake();
                 }));
}

// A timer that is early enough stays: it looks again when it fires. So a steady flow of commands
// does not set one each.
void Connection::arm() {
  const TimePoint due = connected_ ? user_.next_deadline() : connect_deadline_;
  if (due >= armed_for_) return;
  armed_for_ = due;
  deadline_.expires_at(due);
  deadline_.async_wait(guarded([this](const boost::system::error_code& code) {
    if (!code) on_timer();
  }));
}

void Connection::on_timer() {
  armed_for_ = TimePoint::max();
  const TimePoint now = Clock::now();
  if (!connected_ && now >= connect_deadline_) {
    return give_up({fmt::format("cannot connect to {}: no answer within {}", where(),
                                format_duration(options_.connect_timeout))});
  }
  if (connected_ && now >= user_.next_deadline()) {
    const Status status = user_.on_deadline(now);
    if (!status) return give_up({fmt::format("lost {}: {}", where(), status.error().message)});
    return wake();
  }
  arm();
}

void Connection::give_up(const Error& error) {
  const TimePoint now = Clock::now();
  // A connection that dies at once counts as a failure, else a Redis that hangs up would be asked
  // twenty times a second.
  if (connected_ && now - connected_at_ >= kRetryCap) failures_ = 0;
  if (sentinels_ && !connected_) sentinels_->distrust();
  stop();
  token_ = std::make_shared<Token>();
  retry_.expires_at(now + retry_delay(failures_++, random_.unit()));
  retry_.async_wait(guarded([this](const boost::system::error_code& code) {
    if (!code) attempt();
  }));
  // Who starts a process without its Redis is told by the owner, once and in its own words.
  const bool was_there = connected_at_ != TimePoint{};
  if (was_there && !std::exchange(loss_logged_, true)) {
    log_.warn("redis away", {{"connection", options_.client_name}, {"why", error.message}});
  } else {
    log_.debug("redis still away", {{"connection", options_.client_name}, {"why", error.message}});
  }
  user_.on_lost(error);
}

}  // namespace spillway::redis
