// Where the mail for a worker, a shard or the supervisor goes: to an actor of this process, or over the network.
// Whoever sends does not know which. Thread rule: send() may be called from any thread; what one thread sends arrives
// in that order.
#pragma once

#include <memory>
#include <utility>

#include <caf/actor.hpp>
#include <caf/send.hpp>

namespace fulmar::actors {

template <class Mail>
class Port {
 public:
  virtual ~Port() = default;
  virtual void send(Mail mail) = 0;
};

template <class Mail>
using PortTo = std::shared_ptr<Port<Mail>>;

/// To an actor of this process.
template <class Mail>
class LocalPort final : public Port<Mail> {
 public:
  explicit LocalPort(caf::actor actor) : actor_(std::move(actor)) {}
  void send(Mail mail) override { caf::anon_send(actor_, std::move(mail)); }

 private:
  caf::actor actor_;
};

}  // namespace fulmar::actors
