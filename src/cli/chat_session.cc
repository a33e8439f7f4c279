#include "cli/chat_session.h"

#include <fmt/core.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/terminal_text.h"
#include "cli/find_server.h"
#include "cli/output.h"
#include "protocol/text.h"

namespace spillway::cli {
namespace {

constexpr std::size_t kIdLength = 12;

ChatSettings settings_of(const ChatOptions& options) {
  return {options.room, options.server, options.name,
          [random = Random(random_seed())]() mutable { return random.unit(); },
          [] { return random_name(kIdLength); }};
}

template <std::size_t... I>
std::array<boost::asio::steady_timer, sizeof...(I)> make_timers(boost::asio::io_context& io,
                                                                std::index_sequence<I...>) {
  return {((void)I, boost::asio::steady_timer(io))...};
}

// 09:41:07 here, dim.
std::string dim_time(std::int64_t ts_ms) {
  const std::time_t time = ts_ms / 1000;
  std::tm local{};
  ::localtime_r(&time, &local);
  return fmt::format("\x1b[2m{:02}:{:02}:{:02}\x1b[0m ", local.tm_hour, local.tm_min, local.tm_sec);
}

}  // namespace

ChatSession::ChatSession(const ChatOptions& options)
    : options_(options),
      signals_(io_, [this] { perform(Leave{}); }),
      timers_(make_timers(io_, std::make_index_sequence<kChatTimers>())),
      machine_(settings_of(options)),
      input_(io_, {[this](const std::string& line) { typed(line); },
                   [this] { perform(Say{"not sent: the line is too long"}); },
                   [this] { feed(InputEnded{}); }, [this] { return machine_.wants_input(); }}),
      on_terminal_(::isatty(STDOUT_FILENO) == 1) {
  boost::system::error_code ignored;
  tls_.set_default_verify_paths(ignored);
  tls_.set_verify_mode(boost::asio::ssl::verify_peer, ignored);
}

int ChatSession::run() {
  feed(Started{});
  if (!exit_code_) input_.start();
  io_.run();
  return exit_code_.value_or(0);
}

void ChatSession::feed(const ChatEvent& event) {
  for (const ChatEffect& effect : machine_.step(event)) {
    std::visit([this](const auto& what) { perform(what); }, effect);
  }
  // A step may have made room for lines; not from within, since a line is a step of its own.
  boost::asio::post(io_, [this] { input_.resume(); });
}

void ChatSession::typed(const std::string& line) {
  if (line.empty()) return;
  if (!protocol::is_utf8(line)) return perform(Say{"not sent: the line is not UTF-8"});
  feed(Typed{line});
}

void ChatSession::heard(std::string_view text) {
  const bool understood =
      parser_.parse(text, [this](const protocol::ServerEvent& event) { feed(Heard{event}); });
  static_cast<void>(understood);  // what a later release says is passed over
}

void ChatSession::perform(const FindServer&) {
  const auto balancer = parse_address(options_.balancer, {"http"});
  CHECK(balancer.has_value());  // its flag has checked it
  find_server(io_, *balancer, options_.room, [this](const Result<std::string>& found) {
    if (found) return feed(Found{*found});
    feed(Lost{found.error().message, 0, true});
  });
}

void ChatSession::perform(const Connect& connect) {
  const auto address = parse_address(connect.url, {"ws", "wss"});
  if (!address) {  // of a redirect
    boost::asio::post(io_, [this, why = address.error().message] { feed(Lost{why, 0, true}); });
    return;
  }
  link_ = std::make_shared<ChatLink>(
      io_, tls_, *address,
      ChatLink::Events{[this] { feed(Opened{}); }, [this](std::string_view text) { heard(text); },
                       [this](const Lost& lost) { feed(lost); }});
  link_->open();
}

void ChatSession::perform(const Disconnect&) {
  if (link_) std::exchange(link_, nullptr)->close();
}

void ChatSession::perform(const SendText& send) {
  if (link_) link_->send(send.text);
}

boost::asio::steady_timer& ChatSession::timer(ChatTimer which) {
  return timers_[static_cast<std::size_t>(which)];
}

// A wait that has ended may be queued while its timer is armed anew; its expiry tells.
void ChatSession::perform(const Arm& arm) {
  timer(arm.timer).expires_after(arm.delay);
  timer(arm.timer).async_wait([this, which = arm.timer](const boost::system::error_code& off) {
    if (!off && timer(which).expiry() <= Clock::now()) feed(Elapsed{which});
  });
}

void ChatSession::perform(const Disarm& disarm) {
  timer(disarm.timer).expires_at(TimePoint::max());
}

void ChatSession::perform(const ShowMessage& message) {
  const std::string name = message.name.empty() ? "anonymous" : harmless(message.name);
  const std::string time = on_terminal_ && message.ts ? dim_time(*message.ts) : std::string();
  show(fmt::format("{}{}: {}", time, name, harmless(message.text)));
}

void ChatSession::perform(const ShowNote& note) { show(note.text); }

// Whoever read our stdout may be gone (`spillway chat | head`): then there is nothing left to do.
void ChatSession::show(const std::string& line) {
  print_line(line);
  if (std::ferror(stdout) != 0) perform(Leave{});
}

void ChatSession::perform(const Say& say) { fmt::print(stderr, "{}\n", harmless(say.text)); }

void ChatSession::perform(const Leave& leave) {
  if (exit_code_) return;
  exit_code_ = leave.exit_code;
  if (!leave.why.empty()) fmt::print(stderr, "spillway chat: {}\n", harmless(leave.why));
  perform(Disconnect{});
  io_.stop();
}

}  // namespace spillway::cli
