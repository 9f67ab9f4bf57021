#include "tests/simulation/local_workers.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

class LocalWorkers::Local final : public Outbox, public std::enable_shared_from_this<Local> {
 public:
  Local(World& world, HeadProcess& head, std::uint64_t ticket, std::string name, std::uint32_t slots)
      : head_(head),
        ticket_(ticket),
        endpoint_(head.new_endpoint()),
        name_(std::move(name)),
        slots_(slots),
        shell_(world, head, slots, *this) {}

  std::uint64_t ticket() const { return ticket_; }
  std::uint32_t endpoint() const { return endpoint_; }
  const std::string& name() const { return name_; }
  std::uint32_t slots() const { return slots_; }
  WorkerShell& shell() { return shell_; }
  bool dead() const { return dead_; }
  /// As the supervisor has it; the worker itself hears of it later.
  const core::Sender& identity() const { return identity_; }
  void set_identity(const core::Sender& identity) { identity_ = identity; }

  void send(Channel to, Letter letter) override {
    if (!dead_) head_.deliver(endpoint_, to, letter);
  }
  void say_drained() override { head_.to_supervisor_behind_shards(endpoint_, core::Drained{identity_}); }
  void die() override {
    dead_ = true;
    head_.post(endpoint_, endpoint_,
               [head = &head_, ticket = ticket_] { head->local_workers().crash_the_dead(ticket); });
  }

 private:
  HeadProcess& head_;
  std::uint64_t ticket_;
  std::uint32_t endpoint_;
  std::string name_;
  std::uint32_t slots_;
  WorkerShell shell_;
  core::Sender identity_;
  bool dead_ = false;
};

std::shared_ptr<LocalWorkers::Local> LocalWorkers::find(std::uint64_t ticket) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const auto& local) { return local->ticket() == ticket; });
  return found == all_.end() ? nullptr : *found;
}

void LocalWorkers::start(const std::string& name, std::uint32_t slots) {
  const std::uint64_t ticket = ++tickets_;
  all_.push_back(std::make_shared<Local>(world_, head_, ticket, name, slots));
  head_.join_locally(all_.back()->endpoint(), {name, slots, 0, 0, true}, ticket);
}

bool LocalWorkers::is_there(std::uint64_t ticket) const {
  const auto local = find(ticket);
  return local && !local->dead();
}

void LocalWorkers::welcome(std::uint64_t ticket, const core::Welcome& welcome) {
  const auto local = find(ticket);
  if (!local) return;
  local->set_identity(welcome.identity);
  head_.post(head_.supervisor_endpoint(), local->endpoint(), [this, ticket, welcome] {
    const auto welcomed = find(ticket);
    if (!welcomed || welcomed->dead()) return;
    welcomed->shell().begin(welcome);
    beat(ticket);
  });
}

void LocalWorkers::beat(std::uint64_t ticket) {
  const auto local = find(ticket);
  if (!local || local->dead()) return;
  local->shell().send_beat();
  head_.after(world_.scenario.liveness.beat(), [this, ticket] { beat(ticket); });
}

bool LocalWorkers::has(core::Incarnation incarnation) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const auto& local) { return local->identity().incarnation == incarnation; });
}

void LocalWorkers::send(core::Incarnation to, std::uint32_t from_endpoint, Letter letter) {
  for (const std::shared_ptr<Local>& local : all_) {
    if (local->identity().incarnation != to) continue;
    head_.post(from_endpoint, local->endpoint(), [weak = std::weak_ptr(local), letter = std::move(letter)] {
      const std::shared_ptr<Local> receiver = weak.lock();
      if (receiver && !receiver->dead()) receiver->shell().receive(letter);
    });
    return;
  }
}

void LocalWorkers::dismiss(core::Incarnation incarnation) {
  all_.remove_if([&](const auto& local) { return local->identity().incarnation == incarnation; });
}

void LocalWorkers::crash(std::uint64_t which) {
  if (all_.empty()) return;
  auto victim = all_.begin();
  std::advance(victim, static_cast<std::ptrdiff_t>(which % all_.size()));
  bury(*victim);
}

void LocalWorkers::crash_the_dead(std::uint64_t ticket) {
  if (const auto dead = find(ticket)) bury(dead);
}

// Who had not been admitted was never known to the supervisor; its place is filled at once.
void LocalWorkers::bury(const std::shared_ptr<Local>& dead) {
  if (world_.log.wanted()) head_.say("local worker " + dead->name() + " dies");
  const std::shared_ptr<Local> kept = dead;
  all_.remove(kept);
  if (kept->identity().incarnation == 0) return start(kept->name(), kept->slots());
  head_.to_supervisor(kept->endpoint(), core::supervisor_event::MemberGone{kept->identity(), "it was killed"});
}

void LocalWorkers::see_slowness(std::int64_t before, std::int64_t after) {
  for (const std::shared_ptr<Local>& local : all_) local->shell().see_slowness(before, after);
}

}  // namespace fulmar::simulation
