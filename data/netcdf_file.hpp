// A NetCDF file (classic, 64-bit offset, NetCDF-4), read through libnetcdf's C interface: the header as plain values,
// and hyperslabs of any numeric type as unpacked floats.
//
// Thread rule: read() may be called from any thread. libnetcdf itself is not thread-safe, not even for two files, so
// one mutex in this adapter guards every call of it.
//
// NETCDF-1: a value that is missing reads as NaN, and nothing else does: _FillValue, missing_value, the type's default
//           fill, NaN or beyond ±1e30 — decided on the packed value, before scale_factor and add_offset.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

struct NetcdfDimension {
  std::string name;
  std::size_t length = 0;
};

struct NetcdfVariable {
  std::string name;
  int id = -1;
  int type = 0;  ///< nc_type
  std::vector<NetcdfDimension> dimensions;
  std::map<std::string, std::string> texts;            ///< text attributes
  std::map<std::string, std::vector<double>> numbers;  ///< numeric attributes

  /// The text attribute, or "".
  std::string text(const std::string& attribute) const;
};

class NetcdfFile {
 public:
  /// `key` is the config key that names the path, for the message. Only regular files are opened: libnetcdf would take
  /// a Zarr store too, and return its compressed bytes as data.
  static Result<std::shared_ptr<const NetcdfFile>> open(const std::string& path, std::string_view key);
  ~NetcdfFile();
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;

  const std::string& path() const { return path_; }
  const std::vector<NetcdfVariable>& variables() const { return variables_; }

  /// nullptr: there is none of this name.
  const NetcdfVariable* find(std::string_view name) const;
  /// The error names `key` and the nearest name there is.
  Result<const NetcdfVariable*> variable(std::string_view name, std::string_view key) const;

  /// The hyperslab [start, start + count) in each dimension, into `out` (the product of the counts), row major.
  Result<void> read(const NetcdfVariable& variable, std::span<const std::size_t> start,
                    std::span<const std::size_t> count, std::span<float> out) const;

  /// All values of a coordinate variable, as they are in the file.
  Result<std::vector<double>> read_coordinate(const NetcdfVariable& variable) const;

 private:
  NetcdfFile() = default;
  Result<void> read_header();
  Error failure(std::string_view variable, int status) const;

  std::string path_;
  int id_ = -1;
  std::vector<NetcdfVariable> variables_;
};

}  // namespace fulmar::data
