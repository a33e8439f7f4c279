#include "room/simulation/ledger.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "protocol/batch.h"

namespace spillway::room::simulation {

LineId line_id(std::string_view json) {
  constexpr std::string_view kKey = R"("message":"m)";
  const std::size_t key = json.find(kKey);
  LineId id = 0;
  if (key == std::string_view::npos) return id;
  const std::string_view digits = json.substr(key + kKey.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), id);
  return id;
}

void Ledger::began(const EpochState& epoch) {
  Epoch born;
  born.name = epoch.epoch;
  born.before = index(epoch.prev_epoch);
  born.before_seq = epoch.seq;
  if (born.before != kNone) born.log_deleted_at = epochs_[born.before].log_deleted_at;
  epochs_.push_back(std::move(born));
}

void Ledger::logged(const Batch& batch) {
  Epoch& epoch = epochs_.at(index(batch.epoch));
  CHECK(batch.first_seq == epoch.seq() + 1);
  protocol::for_each_line(
      batch.lines, [&epoch](std::string_view line) { epoch.lines.push_back(line_id(line)); });
}

void Ledger::log_deleted() {
  for (Epoch& epoch : epochs_) epoch.log_deleted_at = epoch.seq();
}

std::size_t Ledger::index(const std::string& epoch) const {
  for (std::size_t i = epochs_.size(); i > 0; --i) {
    if (epochs_[i - 1].name == epoch) return i - 1;
  }
  return kNone;
}

LineId Ledger::at(const std::string& epoch, std::uint64_t seq) const {
  return at(index(epoch), seq);
}

LineId Ledger::at(std::size_t epoch, std::uint64_t seq) const {
  while (epoch != kNone && seq <= epochs_[epoch].before_seq) epoch = epochs_[epoch].before;
  if (epoch == kNone || seq == 0 || seq > epochs_[epoch].seq()) return 0;
  return epochs_[epoch].lines[seq - epochs_[epoch].before_seq - 1];
}

std::vector<LineId> Ledger::living() const {
  std::vector<LineId> order;
  if (epochs_.empty()) return order;
  for (std::uint64_t seq = 1; seq <= epochs_.back().seq(); ++seq) {
    order.push_back(at(epochs_.size() - 1, seq));
  }
  return order;
}

bool Ledger::lives_on(const protocol::Position& position, const std::string& epoch) const {
  const std::size_t old = index(position.epoch);
  for (std::size_t at = index(epoch); at != kNone; at = epochs_[at].before) {
    if (at == old) return true;
    if (position.seq > epochs_[at].before_seq) return false;
  }
  return false;
}

bool Ledger::follows(const protocol::Position& position, const std::string& epoch) const {
  if (position.epoch == epoch) return true;
  const Epoch& now = epochs_[index(epoch)];
  return now.before != kNone && epochs_[now.before].name == position.epoch &&
         position.seq <= now.before_seq;
}

std::uint64_t Ledger::gone_up_to(const std::string& epoch) const {
  const Epoch& of = epochs_[index(epoch)];
  const std::uint64_t aged = of.seq() > history_messages_ ? of.seq() - history_messages_ : 0;
  return std::max(aged, of.log_deleted_at);
}

}  // namespace spillway::room::simulation
