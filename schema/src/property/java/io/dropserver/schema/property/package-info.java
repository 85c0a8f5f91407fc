/** Tests of the edits of YAML files. */
@NullMarked
package io.dropserver.schema.property;

import org.jspecify.annotations.NullMarked;
