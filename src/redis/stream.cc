#include "redis/stream.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"

namespace spillway::redis {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

constexpr std::size_t kReadBytesMax = 64 * 1024;

Status to_status(const error_code& code) {
  if (!code) return ok();
  if (code == asio::error::eof || code == ssl::error::stream_truncated) {
    return Error{"it closed the connection"};
  }
  return Error{code.message()};
}

}  // namespace

TlsTrust::TlsTrust() : context_(std::make_unique<ssl::context>(ssl::context::tls_client)) {}
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;

Result<TlsTrust> TlsTrust::load(const std::string& ca_file) {
  TlsTrust trust;
  ssl::context& context = *trust.context_;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer);
  error_code code;
  if (!ca_file.empty()) {
    context.load_verify_file(ca_file, code);
    if (code) {
      return Error{
          fmt::format("cannot read certificates from '{}': name a readable PEM file in "
                      "?ca= ({})",
                      ca_file, code.message())};
    }
    return trust;
  }
  // Not set_default_verify_paths(): that obeys SSL_CERT_FILE. A place that is not there is no
  // error; without any, every handshake fails with its own sentence.
  context.load_verify_file(X509_get_default_cert_file(), code);
  context.add_verify_path(X509_get_default_cert_dir(), code);
  return trust;
}

struct Stream::Socket : std::enable_shared_from_this<Stream::Socket> {
  explicit Socket(asio::io_context& io) : resolver(io), plain(io) {}

  void connect(const std::vector<Protocol::endpoint>& to);
  void resolve();
  void shake_hands();
  void opened(Status status) { std::exchange(on_open, nullptr)(std::move(status)); }

  tcp::resolver resolver;
  Protocol::socket plain;
  std::optional<ssl::stream<Protocol::socket&>> tls;
  Url url;
  TlsTrust* trust = nullptr;
  bool given_up = false;  // the Stream is gone: nothing new begins, and `trust` may be gone too
  OnDone on_open;
  std::string outgoing;
  std::array<char, kReadBytesMax> incoming;
};

void Stream::Socket::resolve() {
  error_code not_an_address;
  const auto address = asio::ip::make_address(url.host, not_an_address);
  // A name needs getaddrinfo, which Asio runs on a thread of its own; an address does not.
  if (!not_an_address) return connect({tcp::endpoint(address, url.port)});
  resolver.async_resolve(
      url.host, std::to_string(url.port), tcp::resolver::numeric_service,
      [self = shared_from_this()](const error_code& code,
                                  const tcp::resolver::results_type& found) {
        if (self->given_up) return;
        if (code) return self->opened(Error{"the name " + self->url.host + " is not known"});
        std::vector<Protocol::endpoint> to;
        for (const auto& entry : found) to.emplace_back(entry.endpoint());
        self->connect(to);
      });
}

void Stream::Socket::connect(const std::vector<Protocol::endpoint>& to) {
  asio::async_connect(
      plain, to, [self = shared_from_this()](const error_code& code, const Protocol::endpoint&) {
        if (code) return self->opened(to_status(code));
        if (self->given_up) return;
        if (self->url.kind == Url::Kind::kUnix) return self->opened(ok());
        error_code ignored;  // slower without them, but not wrong
        self->plain.set_option(tcp::no_delay(true), ignored);
        self->plain.set_option(asio::socket_base::keep_alive(true), ignored);
        if (self->url.kind == Url::Kind::kTls) return self->shake_hands();
        self->opened(ok());
      });
}

void Stream::Socket::shake_hands() {
  tls.emplace(plain, trust->context());
  SSL* const session = tls->native_handle();
  error_code not_an_address;
  asio::ip::make_address(url.host, not_an_address);
  if (not_an_address) {
    SSL_set1_host(session, url.host.c_str());
    SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, url.host.data());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), url.host.c_str());
  }
  tls->async_handshake(
      ssl::stream_base::client, [self = shared_from_this()](const error_code& code) {
        const long verdict = SSL_get_verify_result(self->tls->native_handle());
        if (code && verdict != X509_V_OK) {
          return self->opened(Error{fmt::format("its certificate is not trusted ({})",
                                                X509_verify_cert_error_string(verdict))});
        }
        if (code) return self->opened(Error{fmt::format("TLS failed: {}", code.message())});
        self->opened(ok());
      });
}

Stream::Stream(asio::io_context& io) : socket_(std::make_shared<Socket>(io)) {}

Stream::~Stream() {
  error_code ignored;
  socket_->given_up = true;
  socket_->resolver.cancel();
  socket_->plain.close(ignored);
}

void Stream::open(const Url& url, TlsTrust* trust, OnDone on_done) {
  socket_->url = url;
  socket_->trust = trust;
  socket_->on_open = std::move(on_done);
  switch (url.kind) {
    case Url::Kind::kTcp:
    case Url::Kind::kTls:
      return socket_->resolve();
    case Url::Kind::kUnix:
      return socket_->connect({asio::local::stream_protocol::endpoint(url.path)});
    case Url::Kind::kSentinel:
      CHECK(false);  // SentinelLink finds out where the master is
  }
}

void Stream::read(OnBytes on_bytes) {
  auto on_read = [socket = socket_, on_bytes = std::move(on_bytes)](const error_code& code,
                                                                    std::size_t size) {
    if (code) return on_bytes(to_status(code).error());
    on_bytes(std::string_view(socket->incoming.data(), size));
  };
  const auto buffer = asio::buffer(socket_->incoming);
  if (socket_->tls) {
    socket_->tls->async_read_some(buffer, std::move(on_read));
  } else {
    socket_->plain.async_read_some(buffer, std::move(on_read));
  }
}

void Stream::write(std::string& bytes, OnDone on_done) {
  socket_->outgoing.clear();
  std::swap(socket_->outgoing, bytes);
  auto on_written = [socket = socket_, on_done = std::move(on_done)](
                        const error_code& code, std::size_t) { on_done(to_status(code)); };
  const auto buffer = asio::buffer(socket_->outgoing);
  if (socket_->tls) {
    asio::async_write(*socket_->tls, buffer, std::move(on_written));
  } else {
    asio::async_write(socket_->plain, buffer, std::move(on_written));
  }
}

}  // namespace spillway::redis
