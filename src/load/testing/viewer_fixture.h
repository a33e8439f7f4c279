// Viewers without I/O and what servers say to them, for the tests of how they behave.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "load/viewer.h"
#include "protocol/message_line.h"
#include "protocol/server_message.h"
#include "websocket/accept_key.h"

namespace spillway::load::testing {

inline constexpr TimePoint kBegin{std::chrono::seconds(100)};
inline constexpr Author kUs{1, 1};
inline constexpr std::string_view kRoom = "chat-room-1";

inline std::string frame(std::string_view text) {
  std::string out;
  websocket::append_frame(out, websocket::Opcode::kText, text);
  return out;
}

inline std::string registered(std::uint64_t seq, std::optional<bool> recovered = std::nullopt,
                              std::string_view epoch = "e", std::string_view room = kRoom) {
  std::string text;
  protocol::append_registered(text, {room, epoch, seq, recovered, 1});
  return frame(text);
}

// Due as many milliseconds after kBegin as its seq.
inline std::string load_text(std::uint64_t seq) {
  const TimePoint due = kBegin + std::chrono::milliseconds(seq);
  return write_load_text({kUs, due, static_cast<std::uint32_t>(seq)}, 40);
}

inline std::string chat(std::uint64_t seq) {
  std::string line;
  protocol::append_message_line(line, "id", 1, load_text(seq), {});
  std::string text;
  protocol::append_chat(text, seq, line);
  return frame(text);
}

// As a server of the plain protocol says it.
inline std::string plain_chat(std::uint64_t number) {
  return frame(R"({"type":"chat","message":")" + load_text(number) + R"("})");
}

inline std::string gap(std::uint64_t from, std::uint64_t to) {
  std::string text;
  protocol::append_gap(text, from, to);
  return frame(text);
}

inline std::string redistribute(std::optional<std::string_view> url) {
  std::string text;
  protocol::append_redistribute(text, "new-wss", url, 350);
  return frame(text);
}

inline std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string out;
  websocket::append_close(out, code, reason);
  return out;
}

// The id of the first chat in what a viewer said.
inline std::string id_in(const std::string& said) {
  const std::size_t at = said.find(R"("id":")") + 6;
  return said.substr(at, said.find('"', at) - at);
}

inline std::string ack(const std::string& id, std::uint64_t seq) {
  return frame(R"({"type":"ack","payload":{"chatId":"chat-room-1","id":")" + id + R"(","seq":)" +
               std::to_string(seq) + "}}");
}

inline std::string refusal(std::string_view code, const std::string& id = {}) {
  return frame(R"({"type":"error","payload":{"code":")" + std::string(code) +
               R"(","message":"no")" + (id.empty() ? "" : R"(,"id":")" + id + '"') + "}}");
}

// A crowd of two rooms whose viewers are connected by hand.
class ViewerTest : public ::testing::Test {
 protected:
  explicit ViewerTest(const Manners& manners = ViewerTest::manners(true))
      : board_(*Board::create(1, 2)), crowd_(board_, 0, 2, kUs, manners, 1) {
    crowd_.window = {kBegin, kBegin + std::chrono::hours(1)};
  }

  static Manners manners(bool resume) {
    Manners manners;
    manners.resume = resume;
    manners.fixed_url = "ws://a:1";
    return manners;
  }

  Viewer newcomer(bool slow = false) { return Viewer(0, crowd_.rooms[0], slow); }

  // Up to the register, which it returns.
  std::string upgrade(Viewer& viewer, unsigned link) {
    viewer.connect(link, "a:1", "/", now_, crowd_);
    const std::string request(viewer.out(link));
    const std::size_t key = request.find("Sec-WebSocket-Key: ") + 19;
    viewer.written(link, request.size());
    feed(viewer, link,
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
             websocket::accept_value(request.substr(key, 24)) + "\r\n\r\n");
    return said(viewer, link);
  }

  Viewer join(std::uint64_t position, std::string_view epoch = "e", bool slow = false) {
    Viewer viewer = newcomer(slow);
    viewer.come(crowd_);
    upgrade(viewer, 0);
    feed(viewer, 0, registered(position, std::nullopt, epoch));
    EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
    crowd_.actions.clear();
    return viewer;
  }

  void feed(Viewer& viewer, unsigned link, std::string bytes) {
    viewer.receive(link, bytes, now_, crowd_);
  }
  void feed(Viewer& viewer, std::string bytes) { feed(viewer, 0, std::move(bytes)); }

  // What it has to say on a connection, unmasked; then it counts as written.
  std::string said(Viewer& viewer, unsigned link) {
    std::string bytes(viewer.out(link));
    if (!bytes.empty()) viewer.written(link, bytes.size());
    websocket::ReaderOptions options;
    options.message_bytes_max = 64 * 1024;
    websocket::MessageReader reader(options);
    std::span<char> input(bytes);
    std::string text;
    while (!input.empty()) {
      const websocket::Event event = reader.next(input, nullptr);
      if (const auto* message = std::get_if<websocket::Message>(&event)) {
        text.append(message->payload.data(), message->payload.size()) += '\n';
      }
    }
    return text;
  }

  template <typename What>
  std::vector<What> wanted() {
    std::vector<What> found;
    for (const Action& action : std::exchange(crowd_.actions, {})) {
      if (const auto* what = std::get_if<What>(&action.what)) found.push_back(*what);
    }
    return found;
  }

  // The last alarm that was asked for rings.
  Wake ring(Viewer& viewer) {
    const std::vector<Wake> wakes = wanted<Wake>();
    EXPECT_FALSE(wakes.empty());
    if (wakes.empty()) return {};
    ring(viewer, wakes.back());
    return wakes.back();
  }
  void ring(Viewer& viewer, const Wake& wake) { viewer.woke(wake.alarm, wake.number, crowd_); }

  // Told to go to another server, and on the way there: the request stands on link 1.
  void begin_handover(Viewer& viewer) {
    feed(viewer, 0, redistribute("ws://b:2"));
    ring(viewer);
    EXPECT_EQ(wanted<Connect>().size(), 1U);
  }

  std::uint64_t counted(Metric metric) const { return crowd_.tally->get(metric); }
  Histogram latency() const {
    Histogram histogram;
    crowd_.tally->latency.add_to(histogram);
    return histogram;
  }

  Board board_;
  Crowd crowd_;
  TimePoint now_ = kBegin + std::chrono::milliseconds(100);
};

// A server that knows neither seq nor registered nor ids.
class PlainViewerTest : public ViewerTest {
 protected:
  PlainViewerTest() : ViewerTest(manners(false)) {}

  Viewer come() {
    Viewer viewer = newcomer();
    viewer.come(crowd_);
    EXPECT_EQ(upgrade(viewer, 0),
              "{\"type\":\"register\",\"payload\":{\"chatId\":\"chat-room-1\"}}\n");
    EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
    return viewer;
  }
};

}  // namespace spillway::load::testing
