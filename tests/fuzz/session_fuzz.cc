// Whole connections, from handshake to close, against the rooms of a real shard: clients that send
// anything at any time, and a bus that does whatever Redis may do. Nothing crashes, whatever a
// client hears is valid, and a client that stays hears everything in order.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <string>

#include "base/check.h"
#include "protocol/client_writer.h"
#include "server/shard.h"
#include "session/bus.h"
#include "session/peer.h"
#include "session/source.h"
#include "websocket/frame.h"

namespace {

using namespace spillway;        // NOLINT(google-build-using-namespace)
using namespace spillway::fuzz;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kStepsMax = 64;
constexpr std::uint32_t kMask = 0x3d21fa37;
constexpr std::chrono::seconds kPatience{10};  // only what is broken takes that long
constexpr std::array<const char*, 3> kRooms{"lobby", "den", "caf\u00e9"};

server::ServerOptions server_options() {
  server::ServerOptions options;
  options.id = "6d8b2d0e-0000-4000-8000-000000000001";
  options.rate_limit = {};
  options.message_bytes_max = 256;
  return options;
}

class Session {
 public:
  explicit Session(Source source) : source_(source) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;  // without a name: the kernel finds one
    UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    CHECK(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) == 0);
    CHECK(::listen(listening.get(), 16) == 0);
    address_bytes_ = sizeof address_;
    ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address_), &address_bytes_);
    shard_.emplace(context_,
                   server::Shard::Start{
                       .index = 0,
                       .listening = std::move(listening),
                       .to_hub = [this](server::ToHub&& m) { return bus_.take(std::move(m)); }},
                   options_, budget_, board_, log());
  }

  void run() {
    for (std::size_t i = 0; i < kStepsMax && !source_.empty(); ++i) {
      step();
      turn();
    }
    settle();
    for (Peer& peer : peers_) peer.disconnect();
    turn();
  }

 private:
  static Log& log() {
    static Log quiet(LogLevel::kOff);
    return quiet;
  }

  Peer& peer() {
    if (peers_.empty() || (peers_.size() < 4 && source_.below(8) == 0)) {
      UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      CHECK(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address_), address_bytes_) == 0);
      CHECK(::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0);
      peers_.emplace_back(std::move(fd));
      // Most inputs should come further than a handshake.
      if (source_.below(8) > 0) peers_.back().shake_hands(source_.flag(), source_.flag());
    }
    return peers_[source_.below(peers_.size())];
  }

  // Runs what is ready, and lets the clients hear what came of it.
  void turn() {
    context_.restart();
    while (context_.poll() > 0) {
      for (Peer& peer : peers_) peer.hear();
    }
    for (Peer& peer : peers_) peer.hear();
  }

  void tell(std::vector<server::ToLoop> messages) {
    for (server::ToLoop& message : messages) shard_->handle(std::move(message));
  }

  void step() {
    const std::size_t what = source_.below(24);
    if (what < 16) {
      client_step(what);
    } else {
      bus_step(what - 16);
    }
  }

  void client_step(std::size_t what) {
    Peer& from = peer();
    switch (what) {
      case 0:
        return from.send(source_.text());
      case 1:
        return from.shake_hands(source_.flag(), source_.flag());
      case 2:
        return from.end_output();
      case 3:
        return from.disconnect();
      case 4:
        return any_frame(from);
      case 5:
        return control_frame(from);
      case 6:
        return fragments(from, message());
      case 7:
        return compressed(from, message());
      case 8:
        return in_pieces(from, message());
      case 9:
        return text_frame(from, source_.text());
      default:
        return text_frame(from, message());
    }
  }

  void bus_step(std::size_t what) {
    switch (what) {
      case 0:
        return tell(bus_.speak("hello"));
      case 1:
        return tell(bus_.begin_new_epochs(source_.below(4)));
      case 2:
        return bus_.set_fate(static_cast<Bus::Fate>(source_.below(3)));
      case 3:
        return shard_->handle(server::RoomViewers{{{kRooms[source_.below(3)], source_.byte()}}});
      case 4:
        return shard_->handle(server::RoomTrim{kRooms[source_.below(3)], source_.byte()});
      case 5:
        return shard_->handle(server::LeaveOrder{source_.byte(), {{"ws://elsewhere", 1}}});
      case 6:
        if (source_.below(8) > 0) return tell(bus_.answers());
        return shard_->handle(server::DrainOrder{std::chrono::seconds(0), std::chrono::seconds(0)});
      default:
        return tell(bus_.answers());
    }
  }

  std::string message() {
    std::string text;
    if (source_.flag()) {
      std::optional<protocol::Position> since;
      if (source_.flag()) {
        since.emplace(protocol::Position{
            source_.flag() ? peers_[0].epoch() : "epoch-" + std::to_string(source_.below(4)),
            source_.below(16)});
      }
      protocol::append_register(text, kRooms[source_.below(3)], since,
                                static_cast<std::uint32_t>(source_.below(8)));
    } else {
      protocol::append_chat_request(text, source_.flag() ? "hello" : std::string(300, 'x'),
                                    source_.flag() ? "id" : "",
                                    source_.flag() ? R"({"name":"ada"})" : "");
    }
    return text;
  }

  void any_frame(Peer& to) {
    const std::string_view payload = source_.text();
    std::string frame;
    websocket::append_masked_frame(frame, websocket::Opcode::kText, payload, kMask);
    frame[0] = static_cast<char>(source_.byte());
    to.send(frame);
  }

  void control_frame(Peer& to) {
    std::string frame;
    const std::string_view payload = source_.text().substr(0, websocket::kControlBytesMax);
    constexpr std::array kOpcodes{websocket::Opcode::kPing, websocket::Opcode::kPong,
                                  websocket::Opcode::kClose};
    websocket::append_masked_frame(frame, kOpcodes[source_.below(3)], payload, kMask);
    to.send(frame);
  }

  static void text_frame(Peer& to, std::string_view text) {
    std::string frame;
    websocket::append_masked_frame(frame, websocket::Opcode::kText, text, kMask);
    to.send(frame);
  }

  void fragments(Peer& to, const std::string& text) {
    const std::size_t cut = source_.below(text.size());
    std::string frames;
    websocket::append_masked_frame(frames, websocket::Opcode::kText,
                                   std::string_view(text).substr(0, cut), kMask);
    frames[0] = static_cast<char>(frames[0] & 0x7F);  // not final
    if (source_.flag()) {
      websocket::append_masked_frame(frames, websocket::Opcode::kPing, "between", kMask);
    }
    websocket::append_masked_frame(frames, websocket::Opcode::kContinuation,
                                   std::string_view(text).substr(cut), kMask);
    to.send(frames);
  }

  static void compressed(Peer& to, const std::string& text) {
    static websocket::Deflater deflater(1, 15, false);
    std::string payload;
    deflater.deflate(text, payload);
    std::string frame;
    websocket::append_masked_frame(frame, websocket::Opcode::kText, payload, kMask, true);
    to.send(frame);
  }

  void in_pieces(Peer& to, const std::string& text) {
    std::string frame;
    websocket::append_masked_frame(frame, websocket::Opcode::kText, text, kMask);
    const std::size_t piece = 1 + source_.below(40);
    for (std::size_t at = 0; at < frame.size(); at += piece) {
      to.send(std::string_view(frame).substr(at, piece));
      turn();
    }
  }

  // Once the bus has answered everything, who is still in a room has heard all of it.
  void settle() {
    const TimePoint limit = Clock::now() + kPatience;
    const auto has_heard_all = [this](const Peer& peer) {
      return !peer.open() || peer.room().empty() || peer.seq() == bus_.seq(peer.room());
    };
    do {
      tell(bus_.answers());
      turn();
      CHECK(Clock::now() < limit);
    } while (!std::all_of(peers_.begin(), peers_.end(), has_heard_all));
  }

  Source source_;
  const server::ServerOptions options_ = server_options();
  net::ConnectionBudget budget_{16};
  server::StatusBoard board_;
  Bus bus_;
  boost::asio::io_context context_{1};
  std::optional<server::Shard> shard_;
  sockaddr_un address_{};
  socklen_t address_bytes_ = 0;
  std::deque<Peer> peers_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Session(Source({reinterpret_cast<const char*>(data), size})).run();
  return 0;
}
