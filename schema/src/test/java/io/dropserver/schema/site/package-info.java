@NullMarked
package io.dropserver.schema.site;

import org.jspecify.annotations.NullMarked;
