@NullMarked
package io.dropserver.web.people;

import org.jspecify.annotations.NullMarked;
