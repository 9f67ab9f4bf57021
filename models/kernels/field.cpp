#include "models/kernels/field.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::models::kernels {

AlignedBuffer::AlignedBuffer(std::size_t count) : size_(count) {
  if (count == 0) return;
  const std::size_t bytes = round_up_to_lanes(count) * sizeof(float);
  memory_.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
  if (!memory_) throw std::bad_alloc();
  std::memset(memory_.get(), 0, bytes);
}

void Field::assign(const float* values) {
  for (std::size_t channel = 0; channel < layout_.channels; ++channel) {
    for (std::size_t latitude = 0; latitude < layout_.latitudes; ++latitude) {
      std::copy_n(values, layout_.longitudes, row(channel, latitude));
      values += layout_.longitudes;
    }
  }
}

void Field::wrap_longitudes() {
  FULMAR_ASSERT(layout_.halo <= layout_.longitudes, "a halo of " + std::to_string(layout_.halo) + " needs as many of " +
                                                        std::to_string(layout_.longitudes) + " longitudes");
  for (std::size_t channel = 0; channel < layout_.channels; ++channel) {
    for (std::size_t latitude = 0; latitude < layout_.latitudes; ++latitude) {
      float* west = row(channel, latitude);
      float* east = west + layout_.longitudes;
      std::copy_n(east - layout_.halo, layout_.halo, west - layout_.halo);
      std::copy_n(west, layout_.halo, east);
    }
  }
}

void Field::replicate_latitudes() {
  const std::size_t row_floats = layout_.row_floats();
  for (std::size_t channel = 0; channel < layout_.channels; ++channel) {
    float* first = row(channel, 0) - layout_.halo;
    float* last = row(channel, layout_.latitudes - 1) - layout_.halo;
    for (std::size_t distance = 1; distance <= layout_.margin; ++distance) {
      std::copy_n(first, row_floats, first - distance * row_floats);
      std::copy_n(last, row_floats, last + distance * row_floats);
    }
  }
}

}  // namespace fulmar::models::kernels
