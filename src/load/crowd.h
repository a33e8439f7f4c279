// What all viewers of one engine share: their rooms, what is counted, and what they want done.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "load/board.h"
#include "load/dialect.h"
#include "load/load_text.h"
#include "load/tally.h"
#include "load/transcript.h"
#include "protocol/server_message_parser.h"

namespace spillway::load {

struct Room {
  std::string name;
  Transcript transcript;
  RoomProgress* progress = nullptr;
  const std::string* epoch = nullptr;  // of the transcript; null: none was named
};

// What viewers ask the engine for. It tells how that went by the viewer's functions.
struct Seek {};   // a server of the balancer: found(), not_found()
struct Connect {  // connect(), receive(), or lost()
  std::uint8_t link = 0;
  std::string url;
};
struct Drop {  // ends a connection, of which nothing more is told
  std::uint8_t link = 0;
};
enum class Alarm : std::uint8_t {
  kRetry,    // connect again
  kMove,     // leave for the server that `redistribute` named
  kAnswers,  // waited long enough for what the old server owes
  kLeave,    // go home
  kReturn,   // a new viewer takes the place
  kRaid,     // move to another room
};
struct Wake {  // woke(), after that time
  Alarm alarm = Alarm::kRetry;
  Duration after{};
  std::uint32_t number = 0;  // of the viewer's alarms
};
struct Joined {};  // is in its room, for the first time or again after it left
struct Action {
  std::uint32_t viewer = 0;
  std::variant<Seek, Connect, Drop, Wake, Joined> what;
};

// How all viewers of a run behave.
struct Manners {
  static constexpr std::chrono::seconds kReconnectDelayMax{30};  // however often it is doubled

  bool resume = true;  // `since` and `id`; else neither
  std::size_t text_bytes = 60;
  Duration reconnect_delay = std::chrono::milliseconds(500);  // at most, doubled each time
  std::string fixed_url;                                      // empty: ask the balancer
  std::string return_url;  // with a fixed one: where to go after that was lost; empty: there
  const Dialect* dialect = nullptr;  // null: the chat protocol
};

// The measured time, as far as it is known.
struct Window {
  TimePoint begin = TimePoint::max();
  TimePoint end = TimePoint::max();
  bool holds(TimePoint moment) const { return moment >= begin && moment < end; }
};

// Owned by an engine, its thread. Bounded: kTranscriptMessages frames over all rooms, but at least
// kRoomMessagesMin a room; epochs, which are few.
struct Crowd {
  static constexpr std::size_t kTranscriptMessages = 32 * 1024;
  static constexpr std::size_t kRoomMessagesMin = 16;

  // `engine` is its number on the board.
  Crowd(const Board& board, std::size_t engine, std::size_t room_count, Author author_of_texts,
        const Manners& all_manners, std::uint64_t seed);

  std::uint32_t mask() { return static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32U)); }

  // One delivery of a message that was due then, as far as it can be told.
  void delivered(const std::optional<TimePoint>& due, TimePoint now) {
    tally->add(Metric::kDeliveries);
    if (window.holds(now)) tally->add(Metric::kDeliveriesInWindow);
    if (due && window.holds(*due)) tally->latency.record(now - *due);
  }

  // The same text for the same epoch, so that viewers need to keep no more than a pointer.
  const std::string* epoch(std::string_view name) { return &*epochs.emplace(name).first; }

  // Ids of chats: none that another engine or run makes.
  std::string id_text(std::uint32_t id) const;
  // Nothing for an id of somebody else.
  std::optional<std::uint32_t> id_number(std::string_view text) const;

  void want(std::uint32_t viewer, decltype(Action::what) what) {
    actions.push_back({viewer, std::move(what)});
  }

  const Manners manners;
  const Author author;
  const std::string id_prefix;
  std::uint32_t next_id = 0;
  bool numbered;  // the server gives no seq: our own numbers stand for it
  std::vector<Room> rooms;
  Tally* tally;
  Window window;
  protocol::ServerMessageParser parser;
  Random random;
  std::unordered_set<std::string> epochs;
  std::vector<Action> actions;
};

}  // namespace spillway::load
