#include "COneDNN.h"
#include "compatibility.h"

#include <pthread.h>
#include <stdlib.h>

struct onednn_convolution {
  onednn_convolution_kind kind;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  dnnl_primitive_desc_t reorder_description;  // weight: plain to packed, or back
  dnnl_primitive_t reorder;                   // NULL where the kernel works on the plain layout
  layout plain_weight, image_in, image_out, bias;
  size_t packed_bytes, scratch_bytes;
  uint64_t packed_layout;
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;  // a CPU stream holds no state between executions

static void open_engine(void) {
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) return;
  if (dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) return;
  // The caller caches primitives; oneDNN would hold each of them once more.
  dnnl_set_primitive_cache_capacity(0);
}

static bool engine_is_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_engine);
  return stream != NULL;
}

static layout_ref query(dnnl_primitive_desc_t description, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(description, what, 0);
}

static size_t scratch_bytes(dnnl_primitive_desc_t description) {
  return dnnl_memory_desc_get_size(query(description, dnnl_query_scratchpad_md));
}

static bool make_layouts(onednn_convolution *c, const onednn_convolution_shape *s, layout *any) {
  dnnl_dims_t in = {s->batch, s->in_channels, s->in_height, s->in_width};
  dnnl_dims_t out = {s->batch, s->out_channels, s->out_height, s->out_width};
  dnnl_dims_t bias = {s->out_channels};
  dnnl_dims_t dense = {s->out_channels, s->in_channels, s->kernel_height, s->kernel_width};
  dnnl_dims_t grouped = {
      s->groups, s->out_channels / s->groups, s->in_channels / s->groups, s->kernel_height,
      s->kernel_width};
  bool is_dense = s->groups == 1;
  int rank = is_dense ? 4 : 5;
  int64_t *weight = is_dense ? dense : grouped;
  dnnl_format_tag_t plain = is_dense ? dnnl_hwio : dnnl_hwigo;
  return layout_init(&c->image_in, 4, in, dnnl_nhwc) == dnnl_success
      && layout_init(&c->image_out, 4, out, dnnl_nhwc) == dnnl_success
      && layout_init(&c->bias, 1, bias, dnnl_x) == dnnl_success
      && layout_init(&c->plain_weight, rank, weight, plain) == dnnl_success
      && layout_init(any, rank, weight, dnnl_format_tag_any) == dnnl_success;
}

// The residual comes first, then the activation.
static bool append_post_ops(
    dnnl_post_ops_t ops, const onednn_convolution *c, const onednn_convolution_shape *s) {
  if (s->kind != onednn_forward) return true;
  if (s->residual
      && dnnl_post_ops_append_binary(ops, dnnl_binary_add, LAYOUT_REF(c->image_out))
          != dnnl_success) {
    return false;
  }
  switch (s->activation) {
    case onednn_activation_none: return true;
    case onednn_activation_relu:
      return append_eltwise(ops, dnnl_eltwise_relu, 0, 0) == dnnl_success;
    case onednn_activation_relu6:
      return append_eltwise(ops, dnnl_eltwise_clip, 0, 6) == dnnl_success;
  }
  return false;
}

static bool make_attributes(
    dnnl_primitive_attr_t *attributes, const onednn_convolution *c,
    const onednn_convolution_shape *s) {
  dnnl_post_ops_t ops = NULL;
  bool made = dnnl_primitive_attr_create(attributes) == dnnl_success
      && dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user)
          == dnnl_success
      && dnnl_post_ops_create(&ops) == dnnl_success && append_post_ops(ops, c, s)
      && dnnl_primitive_attr_set_post_ops(*attributes, ops) == dnnl_success;
  if (ops) dnnl_post_ops_destroy(ops);
  return made;
}

static bool make_primitive(
    onednn_convolution *c, const onednn_convolution_shape *s, layout_ref weight,
    dnnl_primitive_attr_t attributes) {
  static const dnnl_prop_kind_t kinds[] = {
      [onednn_forward] = dnnl_forward_inference,
      [onednn_input_gradient] = dnnl_backward_data,
      [onednn_weight_gradient] = dnnl_backward_weights,
  };
  convolution_description d = {
      .kind = kinds[s->kind],
      .input = LAYOUT_REF(c->image_in),
      .weight = weight,
      .bias = s->bias ? LAYOUT_REF(c->bias) : NULL,
      .output = LAYOUT_REF(c->image_out),
      .strides = {s->stride, s->stride},
      .dilations = {s->dilation - 1, s->dilation - 1},
      .before = {s->top, s->left},
      .after = {s->bottom, s->right},
  };
  dnnl_primitive_desc_t hint = NULL;
  if (s->kind != onednn_forward) {  // gradients are described by the forward pass they belong to
    convolution_description forward = d;
    forward.kind = dnnl_forward_training;
    if (describe_convolution(&hint, engine, &forward, NULL, NULL) != dnnl_success) return false;
  }
  bool made = describe_convolution(&c->description, engine, &d, attributes, hint) == dnnl_success
      && dnnl_primitive_create(&c->primitive, c->description) == dnnl_success;
  if (hint) dnnl_primitive_desc_destroy(hint);
  return made;
}

// The reorder of the weight, where the kernel chose a layout of its own.
static bool make_reorder(onednn_convolution *c, dnnl_primitive_attr_t attributes) {
  bool unpacks = c->kind == onednn_weight_gradient;
  layout_ref plain = LAYOUT_REF(c->plain_weight);
  layout_ref packed = query(
      c->description, unpacks ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
  if (dnnl_memory_desc_equal(plain, packed)) return true;
  c->packed_bytes = dnnl_memory_desc_get_size(packed);
  c->packed_layout = layout_identity(packed);
  return dnnl_reorder_primitive_desc_create(
             &c->reorder_description, unpacks ? packed : plain, engine, unpacks ? plain : packed,
             engine, attributes)
          == dnnl_success
      && dnnl_primitive_create(&c->reorder, c->reorder_description) == dnnl_success;
}

static const char *build(onednn_convolution *c, const onednn_convolution_shape *s) {
  layout any = {0};
  dnnl_primitive_attr_t attributes = NULL, plain_attributes = NULL;
  const char *error = NULL;
  if (!make_layouts(c, s, &any)) {
    error = "describing its tensors";
  } else if (!make_attributes(&attributes, c, s)) {
    error = "attaching bias, residual and activation";
  } else if (!make_primitive(c, s, LAYOUT_REF(any), attributes)) {
    error = "creating the primitive";
  } else if (
      dnnl_primitive_attr_create(&plain_attributes) != dnnl_success
      || dnnl_primitive_attr_set_scratchpad_mode(plain_attributes, dnnl_scratchpad_mode_user)
          != dnnl_success
      || !make_reorder(c, plain_attributes)) {
    error = "creating the weight's reorder";
  } else {
    c->scratch_bytes = scratch_bytes(c->description);
    if (c->reorder) {
      size_t bytes = scratch_bytes(c->reorder_description);
      if (bytes > c->scratch_bytes) c->scratch_bytes = bytes;
    }
  }
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (plain_attributes) dnnl_primitive_attr_destroy(plain_attributes);
  layout_release(&any);
  return error;
}

onednn_convolution *onednn_convolution_create(
    const onednn_convolution_shape *shape, const char **error) {
  onednn_convolution *c = engine_is_open() ? calloc(1, sizeof *c) : NULL;
  const char *failed = "opening the engine";
  if (c) {
    c->kind = shape->kind;
    failed = build(c, shape);
  }
  if (failed && error) *error = failed;
  if (failed && c) onednn_convolution_destroy(c);
  return failed ? NULL : c;
}

void onednn_convolution_destroy(onednn_convolution *c) {
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->reorder) dnnl_primitive_destroy(c->reorder);
  if (c->description) dnnl_primitive_desc_destroy(c->description);
  if (c->reorder_description) dnnl_primitive_desc_destroy(c->reorder_description);
  layout_release(&c->plain_weight);
  layout_release(&c->image_in);
  layout_release(&c->image_out);
  layout_release(&c->bias);
  free(c);
}

const char *onednn_convolution_implementation(const onednn_convolution *c) {
  const char *name = NULL;
  dnnl_primitive_desc_query(c->description, dnnl_query_impl_info_str, 0, &name);
  return name ? name : "unknown";
}

size_t onednn_convolution_packed_bytes(const onednn_convolution *c) { return c->packed_bytes; }
uint64_t onednn_convolution_packed_layout(const onednn_convolution *c) { return c->packed_layout; }
size_t onednn_convolution_scratch_bytes(const onednn_convolution *c) { return c->scratch_bytes; }

enum { most_arguments = 6 };

typedef struct {
  dnnl_exec_arg_t items[most_arguments];
  int count;
  bool complete;
} arguments;

static void add_argument(arguments *list, int name, layout_ref layout, const void *data) {
  dnnl_memory_t memory = NULL;
  if (dnnl_memory_create(&memory, layout, engine, (void *)data) != dnnl_success) {
    list->complete = false;
    return;
  }
  list->items[list->count++] = (dnnl_exec_arg_t){.arg = name, .memory = memory};
}

static bool run(dnnl_primitive_t primitive, arguments *list) {
  bool done = list->complete
      && dnnl_primitive_execute(primitive, stream, list->count, list->items) == dnnl_success;
  for (int i = 0; i < list->count; i++) dnnl_memory_destroy(list->items[i].memory);
  return done;
}

static bool run_reorder(
    const onednn_convolution *c, const void *from, const void *to, void *scratch) {
  if (!c->reorder) return false;
  arguments list = {.complete = true};
  dnnl_primitive_desc_t description = c->reorder_description;
  add_argument(&list, DNNL_ARG_FROM, query(description, dnnl_query_src_md), from);
  add_argument(&list, DNNL_ARG_TO, query(description, dnnl_query_dst_md), to);
  add_argument(
      &list, DNNL_ARG_SCRATCHPAD, query(description, dnnl_query_scratchpad_md), scratch);
  return run(c->reorder, &list);
}

bool onednn_convolution_pack(
    const onednn_convolution *c, const float *plain, void *packed, void *scratch) {
  return run_reorder(c, plain, packed, scratch);
}

bool onednn_convolution_unpack(
    const onednn_convolution *c, const void *packed, float *plain, void *scratch) {
  return run_reorder(c, packed, plain, scratch);
}

bool onednn_convolution_execute(
    const onednn_convolution *c, const onednn_convolution_memory *m) {
  arguments list = {.complete = true};
  layout_ref in = LAYOUT_REF(c->image_in), out = LAYOUT_REF(c->image_out);
  switch (c->kind) {
    case onednn_forward:
      add_argument(&list, DNNL_ARG_SRC, in, m->input);
      add_argument(
          &list, DNNL_ARG_WEIGHTS, query(c->description, dnnl_query_weights_md), m->weight);
      add_argument(&list, DNNL_ARG_DST, out, m->output);
      if (m->bias) add_argument(&list, DNNL_ARG_BIAS, LAYOUT_REF(c->bias), m->bias);
      if (m->residual) {
        int name = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;
        add_argument(&list, name, out, m->residual);
      }
      break;
    case onednn_input_gradient:
      add_argument(&list, DNNL_ARG_DIFF_DST, out, m->output);
      add_argument(
          &list, DNNL_ARG_WEIGHTS, query(c->description, dnnl_query_weights_md), m->weight);
      add_argument(&list, DNNL_ARG_DIFF_SRC, in, m->input);
      break;
    case onednn_weight_gradient:
      add_argument(&list, DNNL_ARG_SRC, in, m->input);
      add_argument(&list, DNNL_ARG_DIFF_DST, out, m->output);
      add_argument(
          &list, DNNL_ARG_DIFF_WEIGHTS, query(c->description, dnnl_query_diff_weights_md),
          m->weight);
      if (m->bias) add_argument(&list, DNNL_ARG_DIFF_BIAS, LAYOUT_REF(c->bias), m->bias);
      break;
  }
  add_argument(
      &list, DNNL_ARG_SCRATCHPAD, query(c->description, dnnl_query_scratchpad_md), m->scratch);
  return run(c->primitive, &list);
}
