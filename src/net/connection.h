// One WebSocket connection: handshake, frames in, answers out, close. It does not know what a
// message means; its owner does.
//
// Lives and dies on one loop. Owned by whoever implements ConnectionOwner there, which frees it
// when on_released() says that no pending wait refers to it any more.
//
// Memory while idle is this object and one pending wait: the receive buffer belongs to the loop,
// and parser and outbox own something only while there is something unfinished. Bounded: kept
// input by ReaderOptions, the outbox by kOutboxBytesMax plus one begun frame; while more than
// kOutboxPauseBytes wait to be sent, nothing more is read.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "websocket/handshake.h"
#include "websocket/message_reader.h"

namespace spillway::net {

class Connection;

// The peer went without a close frame; never on the wire (RFC 6455 section 7.4.1).
inline constexpr std::uint16_t kAbnormalClosure = 1006;

// What the owner answers to an upgrade request.
struct Accepted {
  std::string subprotocol;  // empty, or one of those offered
  std::optional<websocket::DeflateParams> deflate;
  websocket::Inflater* inflater = nullptr;  // outlives the connection; REQUIRED with deflate
  websocket::ReaderOptions reader;
};
using UpgradeAnswer = std::variant<Accepted, websocket::Refusal>;

class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;

  // Whether so much more input is within the limits. If not, the owner has closed the connection.
  virtual bool admit(Connection& connection, std::size_t bytes, std::uint32_t frames) = 0;
  virtual UpgradeAnswer on_upgrade(Connection& connection,
                                   const websocket::UpgradeRequest& request) = 0;
  // The whole response to a plain request.
  virtual std::string on_http(const websocket::HttpRequest& request) = 0;
  virtual void on_open(Connection& connection) = 0;
  virtual void on_message(Connection& connection, websocket::Opcode opcode,
                          std::span<char> payload) = 0;
  virtual void on_pong(Connection& connection) = 0;
  // After a write that the kernel did not take whole: everything begun is out, go on.
  virtual void on_writable(Connection& connection) = 0;
  // No more messages, nothing more is sent but the close frame. Once. `code`: of the close frame
  // sent or received; 1006 when the peer just went.
  virtual void on_closed(Connection& connection, std::uint16_t code) = 0;
  // The descriptor is closed and no wait is pending: free it. Once, the last call.
  virtual void on_released(Connection& connection) = 0;
};

// What all connections of a loop share.
struct LoopShared {
  explicit LoopShared(boost::asio::io_context& io) : context(io), input(64 * 1024) {}

  boost::asio::io_context& context;
  std::vector<char> input;             // one recv at a time
  std::vector<Connection*> unflushed;  // have answers queued in this turn
  // Called before these are written: what is about to be flushed anyway takes answers along.
  std::function<void()> before_answers = [] {};
  std::uint64_t control_writes = 0;  // kernel calls for answers and control frames
};

class Connection {
 public:
  static constexpr std::size_t kOutboxPauseBytes = 16 * 1024;
  // A viewer's answers waiting; an echo endpoint gives its own.
  static constexpr std::size_t kOutboxBytesMax = 32 * 1024;

  enum class State : std::uint8_t {
    kHandshake,
    kOpen,
    kClosing,  // our close frame is on its way; the rest of the input is thrown away
    kClosed,   // the descriptor is gone
  };

  // `tag` is the owner's own name for it.
  Connection(LoopShared& shared, ConnectionOwner& owner, UniqueFd fd, std::uint32_t tag,
             std::size_t outbox_bytes_max = kOutboxBytesMax);

  void start() { read_when_ready(); }

  State state() const { return state_; }
  std::uint32_t tag() const { return tag_; }
  int fd() { return socket_.native_handle(); }

  // Queues a whole frame; it goes out with a flush or at the end of the turn, between the frames of
  // a flush, never inside one. False: the outbox is full, nothing was queued.
  [[nodiscard]] bool queue(std::string_view frame);

  // Nothing waits for room in the kernel's buffer: a flush may write to the descriptor itself,
  // answers() first and then whole frames, and says with written() how much the kernel took.
  bool writable() const { return state_ == State::kOpen && !writing_; }
  // The same, and there are no answers.
  bool level() const { return writable() && outbox_.empty(); }
  std::string_view answers() const { return std::string_view(outbox_).substr(outbox_sent_); }
  // Returns how much of it was not answers. If these are not all out, on_writable() follows.
  std::size_t written(std::size_t bytes);

  // After a flush wrote to the descriptor itself and the kernel did not take all: `rest` of the
  // frame that was begun is kept, and on_writable() follows.
  void cut_short(std::string_view rest);

  // Starts the close handshake: our close frame, then the peer's end of the stream, then the
  // descriptor. The owner bounds the wait with abort(), also where the peer closed first.
  void close(std::uint16_t code, std::string_view reason);
  // Closes the descriptor now.
  void abort();

  // Sends what is queued. Called at the end of the turn.
  void flush_outbox();

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;

  void read_when_ready();
  void write_when_ready();
  void on_readable();
  void on_socket_writable();
  void take_input(std::span<char> input);
  std::span<char> take_handshake(std::span<char> input);
  void take_frames(std::span<char> input);
  void take(const websocket::Event& event);
  void answer_and_end(std::string_view response);
  void open(const websocket::UpgradeRequest& request, Accepted accepted);
  void append_to_outbox(std::string_view bytes);
  bool write_outbox();
  void clear_outbox();
  void begin_closing(std::uint16_t code, std::string_view reason);
  void end_output();
  void release_if_done();

  Socket socket_;
  LoopShared& shared_;
  ConnectionOwner& owner_;
  std::unique_ptr<websocket::HandshakeParser> handshake_;  // until open
  std::optional<websocket::MessageReader> reader_;         // from then on
  websocket::Inflater* inflater_ = nullptr;
  std::string outbox_;
  std::uint32_t outbox_sent_ = 0;  // of outbox_
  std::uint32_t outbox_bytes_max_;
  std::uint32_t tag_;
  State state_ = State::kHandshake;
  bool reading_ = false;       // a wait for input is pending
  bool writing_ = false;       // a wait for room in the kernel's buffer is pending
  bool flush_listed_ = false;  // stands in shared_.unflushed
  bool told_closed_ = false;
  bool output_ended_ = false;  // shut down for writing
  bool released_ = false;
};

}  // namespace spillway::net
