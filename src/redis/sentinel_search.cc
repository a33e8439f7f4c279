#include "redis/sentinel_search.h"

#include <fmt/format.h>

#include <utility>

#include "redis/command.h"

namespace spillway::redis {
namespace {

constexpr std::size_t kAnswerQuotedMax = 200;  // of an error text that we did not write
constexpr std::size_t kMasterHostMax = 255;
constexpr std::size_t kReasonsMax = 8;  // that a sentence has

}  // namespace

SentinelSearch::SentinelSearch(const Url& url)
    : sentinels_(url.sentinels),
      master_name_(url.master_name),
      user_(url.user),
      password_(url.password) {}

SentinelSearch::Step SentinelSearch::begin(TimePoint now) {
  reasons_.clear();
  master_.reset();
  return open(now);
}

void SentinelSearch::distrust() { next(); }

SentinelSearch::Step SentinelSearch::open(TimePoint now) {
  state_ = State::kOpening;
  open_ = false;
  login_tried_ = false;
  deadline_ = now + kAnswerTimeout;
  return Open{sentinels_[at_]};
}

SentinelSearch::Step SentinelSearch::opened() {
  state_ = State::kAsking;
  open_ = true;
  return Write{question()};
}

std::string SentinelSearch::question() const {
  Command question("SENTINEL");
  question.arg("get-master-addr-by-name").arg(master_name_);
  return std::string(question.bytes());
}

SentinelSearch::Step SentinelSearch::receive(const Reply& reply, TimePoint now) {
  const std::string error(reply.error_text().substr(0, kAnswerQuotedMax));
  switch (state_) {
    case State::kIdle:
    case State::kOpening:
    case State::kResting:
      return failed(Error{"it answered what nobody asked"}, now);
    case State::kLoggingIn:
      if (reply.is_error()) {
        return failed(Error{fmt::format("it refused the URL's login ({})", error)}, now);
      }
      state_ = State::kAsking;
      return Write{question()};
    case State::kAsking:
      break;
  }
  if (error.starts_with("NOAUTH") && !password_.empty() && !std::exchange(login_tried_, true)) {
    state_ = State::kLoggingIn;
    Command login("AUTH");
    if (!user_.empty()) login.arg(user_);
    login.arg(password_);
    return Write{std::string(login.bytes())};
  }
  if (reply.is_error()) return failed(Error{fmt::format("it said {}", error)}, now);
  return named(reply.view(), now);
}

SentinelSearch::Step SentinelSearch::named(const ReplyView& reply, TimePoint now) {
  if (reply.is_nil()) return failed(Error{"it does not watch that master"}, now);
  const std::string_view host = reply[0].text();
  const auto port = reply[1].integer();
  if (reply.size() != 2 || host.empty() || host.size() > kMasterHostMax || !port || *port < 1 ||
      *port > 65'535) {
    return failed(Error{"its answer makes no sense"}, now);
  }
  state_ = State::kResting;
  deadline_ = now + kAskEvery;
  HostPort master{std::string(host), static_cast<std::uint16_t>(*port)};
  if (master_ == master) return Nothing{};
  master_ = master;
  return Named{std::move(master)};
}

SentinelSearch::Step SentinelSearch::failed(const Error& why, TimePoint now) {
  const HostPort asked = sentinels_[at_];
  open_ = false;
  next();
  if (master_) {  // the master that is in use may well be there
    state_ = State::kResting;
    deadline_ = now + kAskEvery;
    return Close{};  // what it still says is no answer to anybody
  }
  reasons_.push_back(fmt::format("{}: {}", display(asked), why.message));
  if (reasons_.size() < sentinels_.size()) return open(now);
  state_ = State::kIdle;
  deadline_ = TimePoint::max();
  return NotFound{nobody()};
}

SentinelSearch::Step SentinelSearch::tick(TimePoint now) {
  if (now < deadline_) return Nothing{};
  if (state_ != State::kResting) return failed(Error{"no answer in time"}, now);
  if (!open_) return open(now);
  deadline_ = now + kAnswerTimeout;
  return opened();
}

Error SentinelSearch::nobody() const {
  std::string hosts;
  for (const HostPort& to : sentinels_) hosts += (hosts.empty() ? "" : ",") + display(to);
  std::string reasons;
  for (std::size_t i = 0; i < reasons_.size() && i < kReasonsMax; ++i) {
    reasons += (i == 0 ? "" : "; ") + reasons_[i];
  }
  return {fmt::format("no Sentinel of {} knows the master '{}': check both in the URL ({})", hosts,
                      master_name_, reasons)};
}

}  // namespace spillway::redis
