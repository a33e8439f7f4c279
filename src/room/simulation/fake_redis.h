// One room in Redis: what the scripts of server/scripts.cc do to its meta and log, line by line.
// scripts_model_test.cc holds it against a real Redis.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "room/batch.h"
#include "room/resume.h"
#include "room/room_sync.h"

namespace spillway::room::simulation {

// What every script that settles the epoch begins with.
struct Seen {
  std::string run;
  std::string epoch;
  std::uint64_t seq = 0;
  std::string fresh;
};

struct Publication {
  std::string server;
  std::uint64_t number = 0;
  std::uint32_t count = 0;
  std::uint64_t keep_from = 0;
  std::string lines;
};

struct Receipt {
  bool stale = false;
  std::string epoch;
  std::uint64_t first_seq = 0;
};

struct Page {
  bool complete = true;
  std::vector<BatchPtr> batches;  // newest first
  std::string epoch;              // empty: there is no meta
};

class FakeRedis {
 public:
  struct Watch {
    std::function<void(const EpochState&)> began;    // an epoch
    std::function<void(const BatchPtr&)> published;  // on the room's channel
    std::function<void()> log_deleted;               // by a script
  };
  explicit FakeRedis(Watch watch) : watch_(std::move(watch)) {}

  EpochState settle(const Seen& seen);
  Receipt publish(const Seen& seen, const Publication& publication, WallTime now);
  Page read(std::uint64_t from, std::uint64_t to, std::size_t bytes_max) const;

  // The process. A restart brings back what was saved last, or all, or nothing.
  enum class Keeps { kAll, kSaved, kNothing };
  void save() { saved_ = data_; }
  void restart(Keeps keeps);
  std::string run() const { return "run-" + std::to_string(run_); }

  void delete_meta() { data_.meta.reset(); }
  void delete_log();

  // As the last script left it; without an epoch there is none.
  EpochState state() const;
  // The log's batches as Redis has them, oldest first.
  std::vector<std::string> log_texts() const;

 private:
  struct Last {
    std::uint64_t number = 0;
    std::uint64_t first_seq = 0;
  };
  struct Meta {
    EpochState state;
    std::string run;
    std::map<std::string, Last> last;  // batch by server
  };
  struct Entry {
    BatchPtr batch;
    std::string server;
    std::uint64_t number = 0;
  };
  struct Data {
    std::optional<Meta> meta;
    std::deque<Entry> log;
    std::uint64_t last_id = 0;  // of the stream: stays when its entries are trimmed
  };
  static std::string text(const Entry& entry);
  Meta& settled(const Seen& seen);
  bool append(Entry entry);  // false: to a log that is new

  Watch watch_;
  Data data_;
  Data saved_;
  int run_ = 1;
};

}  // namespace spillway::room::simulation
