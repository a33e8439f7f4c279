#include "redis/sentinel_link.h"

#include <utility>

#include "base/clock.h"
#include "base/overloaded.h"

namespace spillway::redis {

// Runs `body` only if the present connection is still the present one by then.
template <typename Body>
auto SentinelLink::guarded(Body body) {
  return [token = std::weak_ptr<Token>(token_), body = std::move(body)](auto&&... arguments) {
    if (!token.expired()) body(std::forward<decltype(arguments)>(arguments)...);
  };
}

SentinelLink::SentinelLink(boost::asio::io_context& io, const Url& url)
    : io_(io), search_(url), timer_(io) {}

void SentinelLink::begin(OnMaster on_master) {
  stop();
  session_ = std::make_shared<Token>();
  on_master_ = std::move(on_master);
  perform(search_.begin(Clock::now()));
}

void SentinelLink::stop() {
  session_.reset();
  timer_.cancel();
  close();
}

void SentinelLink::close() {
  token_ = std::make_shared<Token>();
  stream_.reset();
}

void SentinelLink::perform(SentinelSearch::Step step) {
  arm();
  std::visit(overloaded{[](const SentinelSearch::Nothing&) {},
                        [this](const SentinelSearch::Close&) { close(); },
                        [this](const SentinelSearch::Open& next) { open(next.to); },
                        [this](SentinelSearch::Write& out) { write(std::move(out.bytes)); },
                        [this](const SentinelSearch::Named& named) {
                          const OnMaster on_master = on_master_;
                          on_master(named.master);
                        },
                        [this](const SentinelSearch::NotFound& none) {
                          const OnMaster on_master = on_master_;
                          close();
                          on_master(none.why);
                        }},
             step);
}

void SentinelLink::open(const HostPort& to) {
  close();
  reader_ = std::make_unique<RespReader>();
  stream_ = std::make_unique<Stream>(io_);
  Url url;
  url.host = to.host;
  url.port = to.port;
  stream_->open(url, nullptr, guarded([this](const Status& status) {
                  if (!status) return failed(status.error());
                  read();
                  perform(search_.opened());
                }));
}

void SentinelLink::write(std::string bytes) {
  // A write that fails is noticed by the read, which always waits.
  stream_->write(bytes, [](const Status&) {});
}

void SentinelLink::read() {
  stream_->read(guarded([this](const Result<std::string_view>& bytes) {
    if (!bytes) return failed(bytes.error());
    on_bytes(*bytes);
  }));
}

void SentinelLink::on_bytes(std::string_view bytes) {
  const std::weak_ptr<Token> token = token_;
  reader_->feed(bytes);
  while (true) {
    auto reply = reader_->next();
    if (!reply) return failed(reply.error());
    if (!reply->has_value()) return read();
    perform(search_.receive(**reply, Clock::now()));
    if (token.expired()) return;  // stopped, or on to the next Sentinel
  }
}

void SentinelLink::failed(const Error& why) {
  close();
  perform(search_.failed(why, Clock::now()));
}

void SentinelLink::arm() {
  const TimePoint due = search_.next_deadline();
  if (due == TimePoint::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(due);
  timer_.async_wait(
      [this, session = std::weak_ptr<Token>(session_)](const boost::system::error_code& code) {
        if (!code && !session.expired()) perform(search_.tick(Clock::now()));
      });
}

}  // namespace spillway::redis
