// Asks the balancer for servers, for the viewers of one engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "load/endpoint.h"

namespace spillway::load {

// What one viewer asked for: a ws:// URL, or why there is none.
struct Provision {
  std::uint32_t viewer = 0;
  Result<std::string> url;
};

// Owned by an engine, its thread and epoll. Keeps kLines connections open and asks over each one
// question at a time. Bounded: a question a viewer, 64 KiB of body and 8 KiB of head an answer,
// kTimeout.
class Provisioner {
 public:
  static constexpr std::size_t kLines = 4;
  static constexpr std::chrono::seconds kTimeout{10};

  // `epoll` gets events whose data are `first_key` + the line's number.
  Provisioner(int epoll, std::uint64_t first_key, Endpoint balancer);
  ~Provisioner();

  // Who has asked already gets one answer for both.
  void ask(std::uint32_t viewer, const std::string& room, TimePoint now);
  // An event of that line.
  void on_ready(std::size_t line, TimePoint now);
  // Ends what took too long. Called now and then.
  void sweep(TimePoint now);

  // Answers since the last call; to be emptied by the caller.
  std::vector<Provision>& answers() { return answers_; }

 private:
  struct Reply;  // what has come of an answer; Beast's headers are large
  struct Question {
    std::uint32_t viewer;
    std::string request;
  };
  struct Line {
    UniqueFd fd;
    std::optional<Question> question;  // being asked
    std::size_t sent = 0;              // of it
    std::unique_ptr<Reply> reply;
    TimePoint since;
    bool used = false;  // it has answered before: the balancer may have ended it since
  };

  void give_work(TimePoint now);
  void deliver(std::uint32_t viewer, Result<std::string> url);
  void write(std::size_t line);
  void read(std::size_t line);
  void finish(std::size_t line);
  void fail(std::size_t line, const std::string& why);

  int epoll_;
  std::uint64_t first_key_;
  const Endpoint balancer_;
  const std::string path_;  // up to the room's name
  Sources sources_{0};
  std::vector<Line> lines_;
  Fifo<Question> waiting_;
  std::unordered_set<std::uint32_t> asking_;  // viewers that wait for an answer
  std::vector<Provision> answers_;
};

}  // namespace spillway::load
