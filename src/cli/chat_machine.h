// The life of the terminal viewer's connection, without sockets, timers and clock: what happened
// goes in, what is to be done comes out.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "protocol/position.h"
#include "protocol/server_message_parser.h"

namespace spillway::cli {

enum class ChatTimer {
  kRetry,    // connect again
  kSilence,  // nothing was heard for too long
  kResend,   // what the server could not take now
  kMove,     // leave for the server that `redistribute` named
  kLinger,   // all is said; show what still arrives, then leave
  kGiveUp,   // the input has ended and the server is away
};
inline constexpr std::size_t kChatTimers = 6;

// What the driver does. It tells how it went by an event.
struct FindServer {};  // answers Found or Lost
struct Connect {       // answers Opened or Lost
  std::string url;
};
struct Disconnect {};  // no event of that connection comes afterwards
struct SendText {
  std::string text;
};
struct Arm {  // instead of what the timer was armed for before
  ChatTimer timer;
  std::chrono::milliseconds delay;
};
struct Disarm {
  ChatTimer timer;
};
struct ShowMessage {  // as it came: not yet harmless for a terminal
  std::string name;
  std::string text;
  std::optional<std::int64_t> ts;
};
struct ShowNote {  // between the messages
  std::string text;
};
struct Say {  // a change of state, on stderr
  std::string text;
};
struct Leave {
  int exit_code = 0;
  std::string why;  // one sentence; empty: nothing is wrong
};
using ChatEffect = std::variant<FindServer, Connect, Disconnect, SendText, Arm, Disarm, ShowMessage,
                                ShowNote, Say, Leave>;
using ChatEffects = std::vector<ChatEffect>;

// What happened.
struct Started {};
struct Found {
  std::string url;
};
struct Opened {};
struct Heard {
  const protocol::ServerEvent& event;
};
struct Lost {
  std::string why;         // for people
  std::uint16_t code = 0;  // the close code, where there was one
  bool retryable = true;
};
struct Typed {  // valid UTF-8, not empty
  std::string line;
};
struct InputEnded {};
struct Elapsed {
  ChatTimer timer;
};
using ChatEvent = std::variant<Started, Found, Opened, Heard, Lost, Typed, InputEnded, Elapsed>;

struct ChatSettings {
  std::string room = "lobby";
  std::string server;  // empty: ask the balancer
  std::string name;
  std::function<double()> random;       // in [0, 1), for jitter
  std::function<std::string()> new_id;  // for a message
};

// Owned by the driver, on its thread. Lines are sent one at a time, each after the answer to the
// one before: with several in flight a rate limit in the middle would change their order. Bounded:
// kLinesMax waiting lines (as far as the driver heeds wants_input()) and kIdsMax ids.
class ChatMachine {
 public:
  explicit ChatMachine(ChatSettings settings) : settings_(std::move(settings)) {}

  ChatEffects step(const ChatEvent& event);

  // Whether more lines may be read.
  bool wants_input() const { return lines_.size() < kLinesMax; }

 private:
  static constexpr std::size_t kLinesMax = 100;
  static constexpr std::size_t kIdsMax = 1000;

  enum class State {
    kConnecting,  // looking for a server, or on the way to it
    kOpen,        // a connection without a room
    kRegistered,
    kWaiting,  // for the next attempt
    kClosed,
  };
  struct Line {
    std::string id;
    std::string text;
  };

  void on(const Started&);
  void on(const Found& found);
  void on(const Opened&);
  void on(const Heard& heard);
  void on(const Lost& lost);
  void on(const Typed& typed);
  void on(const InputEnded&);
  void on(const Elapsed& elapsed);

  void hear(const protocol::WelcomeEvent&) {}
  void hear(const protocol::ViewersEvent&) {}
  void hear(const protocol::UnknownEvent&) {}
  void hear(const protocol::RegisteredEvent& registered);
  void hear(const protocol::ChatEvent& chat);
  void hear(const protocol::AckEvent& ack);
  void hear(const protocol::GapEvent& gap);
  void hear(const protocol::RedistributeEvent& order);
  void hear(const protocol::ErrorEvent& error);

  void look_for_server();
  void send_register();
  void send_next();
  void answered();
  void refuse_line(std::string_view why);
  void move();
  void leave(int exit_code, std::string why = {});
  void note_skipped(std::uint64_t count);
  bool first_time(std::string_view id);
  bool connected() const { return state_ == State::kOpen || state_ == State::kRegistered; }
  template <typename Effect>
  void emit(Effect effect) {
    effects_.push_back(std::move(effect));
  }

  const ChatSettings settings_;
  ChatEffects effects_;  // of the step under way
  State state_ = State::kConnecting;
  std::string url_;                      // of the connection, or of the attempt
  std::string good_url_;                 // of the last registration
  std::optional<std::string> redirect_;  // where to go next
  unsigned attempt_ = 0;                 // since the last registration
  bool was_registered_ = false;
  std::optional<protocol::Position> position_;

  std::deque<Line> lines_;  // not yet answered; the first may be in flight
  bool in_flight_ = false;
  bool held_ = false;     // the server asked for patience
  bool refused_ = false;  // a line was, for good
  bool input_ended_ = false;
  bool moving_ = false;    // `redistribute` came: new lines wait
  bool move_due_ = false;  // and its delay is over

  std::deque<std::string> recent_ids_;
  std::unordered_set<std::string> known_ids_;  // the same
};

}  // namespace spillway::cli
