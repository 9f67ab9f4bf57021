#include "runtime/transport/node_transport.hpp"

#include <utility>

#include "runtime/transport/node_desk.hpp"
#include "runtime/transport/tensor_desk.hpp"
#include "runtime/transport/zmq_carrier.hpp"

namespace fulmar::transport {

struct NodeTransport::Impl {
  Impl(NodeSettings node, BufferPool& buffers) : settings(std::move(node)), pool(buffers) {}

  Result<void> prepare();
  void start(NodeSink& of);
  void begin(Time now, const Greeting& greeting);
  void end_tensors();

  NodeSettings settings;
  BufferPool& pool;
  NodeSink* sink = nullptr;
  Traffic control_traffic;
  Traffic tensor_traffic;
  std::unique_ptr<ZmqDialer> control_socket;
  std::unique_ptr<ZmqDialer> tensor_socket;
  std::unique_ptr<NodeDesk> control_desk;
  std::unique_ptr<TensorDesk> tensor_desk;
  std::optional<PeerId> tensor_peer;  // this and the session: of the tensor pump's thread
  core::Sender session;
  std::unique_ptr<Pump> control_pump;  // the last members: their threads use all of the above
  std::unique_ptr<Pump> tensor_pump;
};

Result<void> NodeTransport::Impl::prepare() {
  Result<std::unique_ptr<ZmqDialer>> control = ZmqDialer::make({settings.liveness, settings.keys});
  if (!control) return control.error();
  control_socket = std::move(*control);
  Result<std::unique_ptr<ZmqDialer>> tensors = ZmqDialer::make({settings.liveness, std::nullopt});
  if (!tensors) return tensors.error();
  tensor_socket = std::move(*tensors);
  control_desk = std::make_unique<NodeDesk>(settings, *control_socket, pool, control_traffic);
  tensor_desk =
      std::make_unique<TensorDesk>(ExchangeSettings{settings.run, Side::node, settings.liveness, core::channel_of(0),
                                                    settings.shard_floats, settings.keys.has_value()},
                                   *tensor_socket, pool, tensor_traffic);
  return {};
}

void NodeTransport::Impl::start(NodeSink& of) {
  sink = &of;
  control_desk->meet(of);
  tensor_desk->meet({[this](const core::Sender& from, core::Channel, Delivery delivery) {
                       sink->on_message(from, std::move(delivery));
                     },
                     [this](const core::Sender& ended, const std::string& cause) {
                       control_pump->post([this, ended, cause](Time) { control_desk->tell_broken(ended, cause); });
                     }});
  const Time tick = settings.liveness.tick();
  control_pump = std::make_unique<Pump>(*control_socket, *control_desk, tick, "fulmar-control");
  tensor_pump = std::make_unique<Pump>(*tensor_socket, *tensor_desk, tick, "fulmar-tensors");
}

void NodeTransport::Impl::begin(Time now, const Greeting& greeting) {
  session = greeting.welcome.identity;
  const auto broken = [this](const std::string& cause) {
    control_pump->post([this, of = session, cause](Time) { control_desk->tell_broken(of, cause); });
  };
  if (greeting.sealed != settings.keys.has_value()) return broken("the head's idea of keys differs from this node's");
  Result<Endpoint> endpoint = parse_endpoint(greeting.tensors);
  if (!endpoint) return broken(endpoint.error().message);
  if (endpoint->host == "*") endpoint->host = settings.endpoint.host;
  const Result<PeerId> dialed = tensor_socket->dial(*endpoint);
  if (!dialed) return broken(dialed.error().message);
  tensor_peer = *dialed;
  tensor_desk->exchange().open(now, {session, *dialed, greeting.key});
  tensor_desk->exchange().attach(session.incarnation);
}

void NodeTransport::Impl::end_tensors() {
  tensor_desk->exchange().close(session.incarnation);
  if (tensor_peer) tensor_socket->hang_up(*tensor_peer);
  tensor_peer.reset();
}

NodeTransport::NodeTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

NodeTransport::~NodeTransport() {
  stop();
}

Result<std::unique_ptr<NodeTransport>> NodeTransport::make(NodeSettings settings, BufferPool& pool) {
  auto impl = std::make_unique<Impl>(std::move(settings), pool);
  if (const Result<void> prepared = impl->prepare(); !prepared) return prepared.error();
  return std::unique_ptr<NodeTransport>(new NodeTransport(std::move(impl)));
}

void NodeTransport::start(NodeSink& sink) {
  impl_->start(sink);
}

void NodeTransport::stop() {
  if (impl_->tensor_pump) impl_->tensor_pump->stop();
  if (impl_->control_pump) impl_->control_pump->stop();
}

void NodeTransport::join(const core::Join& join) {
  impl_->control_pump->post([this, join](Time now) { impl_->control_desk->join(now, join); });
}

void NodeTransport::begin(const Greeting& greeting) {
  impl_->control_pump->post(
      [this, session = greeting.welcome.identity](Time now) { impl_->control_desk->begin(now, session); });
  impl_->tensor_pump->post([this, greeting](Time now) { impl_->begin(now, greeting); });
}

void NodeTransport::end() {
  impl_->control_pump->post([this](Time) { impl_->control_desk->end(); });
  impl_->tensor_pump->post([this](Time) { impl_->end_tensors(); });
}

void NodeTransport::send(core::Channel channel, Parcel parcel) {
  if (channel == core::kSupervisorChannel) {
    impl_->control_pump->post([this, parcel = std::move(parcel)](Time now) { impl_->control_desk->send(now, parcel); });
  } else {
    impl_->tensor_pump->post([this, channel, parcel = std::move(parcel)](Time now) {
      impl_->tensor_desk->exchange().send(now, impl_->session.incarnation, channel, parcel);
    });
  }
}

void NodeTransport::send_behind_tensors(core::SessionMessage message) {
  impl_->tensor_pump->post([this, message = std::move(message)](Time) {
    impl_->tensor_desk->exchange().when_acknowledged(impl_->session.incarnation, [this, message] {
      impl_->control_pump->post([this, message](Time now) {
        impl_->control_desk->send(now, {message, nullptr, 0, 0});
      });
    });
  });
}

const Traffic& NodeTransport::control_traffic() const {
  return impl_->control_traffic;
}

const Traffic& NodeTransport::tensor_traffic() const {
  return impl_->tensor_traffic;
}

}  // namespace fulmar::transport
