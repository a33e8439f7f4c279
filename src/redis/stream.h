// A byte stream to Redis: TCP, a Unix socket, or TLS over TCP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "redis/url.h"

namespace boost::asio::ssl {
class context;
}

namespace spillway::redis {

// Certificates to trust and how to check them; read once, then shared by the attempts.
class TlsTrust {
 public:
  // `ca_file`: a PEM file; empty: the system's authorities, whatever the environment says.
  static Result<TlsTrust> load(const std::string& ca_file);
  TlsTrust(TlsTrust&&) noexcept;
  TlsTrust& operator=(TlsTrust&&) noexcept;
  ~TlsTrust();

  boost::asio::ssl::context& context() { return *context_; }

 private:
  TlsTrust();
  std::unique_ptr<boost::asio::ssl::context> context_;
};

// One attempt's socket. Owned by a Connection, on its loop; never opened twice. At most one read
// and one write at a time. Callbacks come from the loop, never from inside a call, and may still
// come after the Stream is gone, so they must know by themselves whether they matter.
class Stream {
 public:
  using OnDone = std::function<void(Status)>;
  using OnBytes = std::function<void(Result<std::string_view>)>;  // valid during the call

  explicit Stream(boost::asio::io_context& io);
  ~Stream();  // closes the socket
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Resolves, connects and, for kTls, shakes hands. REQUIRES another kind than kSentinel, and
  // `trust` for kTls; it outlives the Stream.
  void open(const Url& url, TlsTrust* trust, OnDone on_done);
  void read(OnBytes on_bytes);
  // Takes `bytes` and leaves an empty string with the storage of the write before.
  void write(std::string& bytes, OnDone on_done);

 private:
  // Shared with the pending operations only: a TLS operation works on the stream's state until its
  // last handler has run, which may be after the Stream was destroyed.
  struct Socket;
  std::shared_ptr<Socket> socket_;
};

}  // namespace spillway::redis
