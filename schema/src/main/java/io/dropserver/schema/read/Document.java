package io.dropserver.schema.read;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Resource;
import java.util.SortedMap;

/**
 * One document, read and validated on its own.
 *
 * @param index position among the documents of its file
 * @param nameLocation location of {@code metadata.name}
 * @param resource the object; values that could not be read are empty
 * @param overrides the limits and backup values that an appspace sets itself; empty for other kinds
 * @param labels the texts in {@code metadata.labels}
 */
record Document(
    int index,
    Location nameLocation,
    Resource resource,
    Overrides overrides,
    SortedMap<String, String> labels) {}
