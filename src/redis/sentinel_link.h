// The connection to one Sentinel after the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "base/result.h"
#include "redis/resp_reader.h"
#include "redis/sentinel_search.h"
#include "redis/stream.h"
#include "redis/url.h"

namespace spillway::redis {

// SentinelSearch on a Stream. Owned by a Connection, on its loop; it may be stopped, but not
// destroyed, from inside its callback.
class SentinelLink {
 public:
  // Never from inside begin(). Once with the master or why there is none; after a master again
  // whenever the Sentinels name another.
  using OnMaster = std::function<void(const Result<HostPort>&)>;

  SentinelLink(boost::asio::io_context& io, const Url& url);  // REQUIRES url.kind == kSentinel
  SentinelLink(const SentinelLink&) = delete;
  SentinelLink& operator=(const SentinelLink&) = delete;

  void begin(OnMaster on_master);
  void stop();
  // See SentinelSearch.
  void distrust() { search_.distrust(); }

 private:
  // As in Connection: held weakly by handlers, expired for those of what is over.
  struct Token {};

  template <typename Body>
  auto guarded(Body body);

  void perform(SentinelSearch::Step step);
  void open(const HostPort& to);
  void write(std::string bytes);
  void read();
  void on_bytes(std::string_view bytes);
  void failed(const Error& why);
  void close();
  void arm();

  boost::asio::io_context& io_;
  SentinelSearch search_;
  OnMaster on_master_;
  std::shared_ptr<Token> session_;  // from begin() to stop()
  std::shared_ptr<Token> token_;    // of this connection
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<RespReader> reader_;
  boost::asio::steady_timer timer_;
};

}  // namespace spillway::redis
