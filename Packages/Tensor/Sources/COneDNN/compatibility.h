// What differs between oneDNN 2.x and 3.x, under one name each.
#pragma once
#include <dnnl.h>
#include <stdint.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;  // a handle of its own
typedef const_dnnl_memory_desc_t layout_ref;
#define LAYOUT_REF(l) (l)
#else
typedef dnnl_memory_desc_t layout;  // a struct
typedef const dnnl_memory_desc_t *layout_ref;
#define LAYOUT_REF(l) (&(l))
#endif

static inline dnnl_status_t layout_init(
    layout *l, int rank, const dnnl_dims_t sizes, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_tag(l, rank, sizes, dnnl_f32, tag);
#else
  return dnnl_memory_desc_init_by_tag(l, rank, sizes, dnnl_f32, tag);
#endif
}

static inline void layout_release(layout *l) {
#if DNNL_VERSION_MAJOR >= 3
  if (*l) dnnl_memory_desc_destroy(*l);
#else
  (void)l;
#endif
}

static inline uint64_t mix(uint64_t hash, const void *data, size_t bytes) {
  const unsigned char *next = data;
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ next[i]) * 0x100000001b3;  // FNV-1a
  return hash;
}

// A number that differs for layouts that place elements differently.
static inline uint64_t layout_identity(layout_ref l) {
  uint64_t hash = 0xcbf29ce484222325;
#if DNNL_VERSION_MAJOR >= 3
  int rank = 0, blocks = 0;
  dnnl_memory_desc_query(l, dnnl_query_ndims_s32, &rank);
  dnnl_memory_desc_query(l, dnnl_query_inner_nblks_s32, &blocks);
  const dnnl_query_t outer[] = {
      dnnl_query_dims, dnnl_query_padded_dims, dnnl_query_strides};
  const dnnl_query_t inner[] = {dnnl_query_inner_blks, dnnl_query_inner_idxs};
  const dnnl_dims_t *sizes;
  for (int i = 0; i < 3; i++) {
    if (dnnl_memory_desc_query(l, outer[i], &sizes) == dnnl_success) {
      hash = mix(hash, *sizes, (size_t)rank * sizeof(dnnl_dim_t));
    }
  }
  for (int i = 0; i < 2; i++) {
    if (dnnl_memory_desc_query(l, inner[i], &sizes) == dnnl_success) {
      hash = mix(hash, *sizes, (size_t)blocks * sizeof(dnnl_dim_t));
    }
  }
#else
  const dnnl_blocking_desc_t *format = &l->format_desc.blocking;
  size_t outer = (size_t)l->ndims * sizeof(dnnl_dim_t);
  size_t inner = (size_t)format->inner_nblks * sizeof(dnnl_dim_t);
  hash = mix(mix(mix(hash, l->dims, outer), l->padded_dims, outer), format->strides, outer);
  hash = mix(mix(hash, format->inner_blks, inner), format->inner_idxs, inner);
#endif
  return hash;
}

static inline dnnl_status_t append_eltwise(
    dnnl_post_ops_t ops, dnnl_alg_kind_t algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_post_ops_append_eltwise(ops, algorithm, alpha, beta);
#else
  return dnnl_post_ops_append_eltwise(ops, 1, algorithm, alpha, beta);
#endif
}

typedef struct {
  dnnl_prop_kind_t kind;
  layout_ref input, weight, bias, output;
  dnnl_dims_t strides, dilations, before, after;
} convolution_description;

static inline dnnl_status_t describe_convolution(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const convolution_description *d,
    dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t forward_hint) {
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  switch (d->kind) {
    case dnnl_backward_data:
      return dnnl_convolution_backward_data_primitive_desc_create(
          result, engine, direct, d->input, d->weight, d->output, d->strides, d->dilations,
          d->before, d->after, forward_hint, attributes);
    case dnnl_backward_weights:
      return dnnl_convolution_backward_weights_primitive_desc_create(
          result, engine, direct, d->input, d->weight, d->bias, d->output, d->strides,
          d->dilations, d->before, d->after, forward_hint, attributes);
    default:
      return dnnl_convolution_forward_primitive_desc_create(
          result, engine, d->kind, direct, d->input, d->weight, d->bias, d->output, d->strides,
          d->dilations, d->before, d->after, attributes);
  }
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status;
  switch (d->kind) {
    case dnnl_backward_data:
      status = dnnl_dilated_convolution_backward_data_desc_init(
          &operation, direct, d->input, d->weight, d->output, d->strides, d->dilations, d->before,
          d->after);
      break;
    case dnnl_backward_weights:
      status = dnnl_dilated_convolution_backward_weights_desc_init(
          &operation, direct, d->input, d->weight, d->bias, d->output, d->strides, d->dilations,
          d->before, d->after);
      break;
    default:
      status = dnnl_dilated_convolution_forward_desc_init(
          &operation, d->kind, direct, d->input, d->weight, d->bias, d->output, d->strides,
          d->dilations, d->before, d->after);
  }
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, forward_hint);
#endif
}
