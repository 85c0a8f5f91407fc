package io.dropserver.schema.instance;

/** A declared object: the properties that all five kinds share. */
public sealed interface Resource permits InstanceSettings, User, App, Appspace, EgressWhitelist {
  Kind kind();

  /** {@code metadata.name}, a DNS label, unique within the kind. */
  String name();

  /** Returns where the document begins. */
  Location location();
}
