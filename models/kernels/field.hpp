// A workspace field: channels × latitudes × longitudes in 64-byte aligned, zero-initialised memory, with room around it
// for the halo that a convolution reads.
// Thread rule: belongs to one compute thread.
//
// FIELD-1: rows start at 64-byte boundaries and hold whole groups of 16 longitudes, so kernels need no tail code.
// FIELD-2: what nobody wrote is zero: kernels that write only real longitudes leave the rest of a row zero.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "models/kernels/lanes.hpp"

namespace fulmar::models::kernels {

struct FieldLayout {
  std::size_t channels = 0;
  std::size_t latitudes = 0;
  std::size_t longitudes = 0;
  std::size_t halo = 0;    ///< extra longitudes on either side
  std::size_t margin = 0;  ///< extra rows above and below

  std::size_t rows() const { return latitudes + 2 * margin; }
  std::size_t columns() const { return round_up_to_lanes(longitudes); }  ///< longitudes that kernels compute
  std::size_t row_floats() const { return round_up_to_lanes(columns() + 2 * halo); }
  std::size_t plane_floats() const { return rows() * row_floats(); }
  std::size_t size() const { return channels * plane_floats(); }
};

/// 64-byte aligned floats, zero at first.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t count);

  float* data() { return memory_.get(); }
  const float* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Release {
    void operator()(float* memory) const { std::free(memory); }
  };
  std::unique_ptr<float[], Release> memory_;
  std::size_t size_ = 0;
};

class Field {
 public:
  Field() = default;
  explicit Field(const FieldLayout& layout) : layout_(layout), buffer_(layout.size()) {}

  const FieldLayout& layout() const { return layout_; }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }

  /// Longitude 0 of a latitude; the halo lies before it and after the last longitude.
  float* row(std::size_t channel, std::size_t latitude) { return buffer_.data() + offset(channel, latitude); }
  const float* row(std::size_t channel, std::size_t latitude) const {
    return buffer_.data() + offset(channel, latitude);
  }

  /// Fills the interior from [channels][latitudes][longitudes] without padding.
  void assign(const float* values);

  /// Periodic in longitude: the halo of every interior row repeats the other end of the row. Needs halo ≤ longitudes.
  void wrap_longitudes();

  /// The rows above and below repeat the first and the last latitude, halo included.
  void replicate_latitudes();

 private:
  std::size_t offset(std::size_t channel, std::size_t latitude) const {
    return channel * layout_.plane_floats() + (layout_.margin + latitude) * layout_.row_floats() + layout_.halo;
  }

  FieldLayout layout_;
  AlignedBuffer buffer_;
};

}  // namespace fulmar::models::kernels
