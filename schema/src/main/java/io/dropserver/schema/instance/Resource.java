package io.dropserver.schema.instance;

/** A declared object: what all five kinds have in common. */
public sealed interface Resource permits InstanceSettings, User, App, Appspace, EgressWhitelist {
  Kind kind();

  /** {@code metadata.name}, a DNS label, unique within the kind. */
  String name();

  /** Where the document begins. */
  Location location();
}
