//! `#[derive(Decode)]`: how a structure or an enumeration of `loa_domain` is read from its bytes.
//!
//! It takes the attributes of minicbor's `#[derive(Encode)]`, beside which it stands, and reads what that writes; what
//! the bytes may look like stands in `domain/src/wire.rs`. minicbor's own `Decode` gives values by value, allows for
//! arrays without a length and carries an error with a place through every call: on a Cortex-M3 that was 45 KB of flash
//! for the 60 structures that a board knows, and their size three times over on its stack. This one reads in place.
//!

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Fields, GenericParam, Lifetime, LifetimeParam, LitInt, Member as Name,
    parenthesized, parse_macro_input,
};

/// Reads what minicbor's `#[derive(Encode)]` with the same attributes writes.
#[proc_macro_derive(Decode, attributes(n, b, cbor))]
pub fn decode(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let (blank, read) = match &input.data {
        Data::Struct(data) if says(&input.attrs, "transparent")? => transparent(&data.fields)?,
        Data::Struct(data) => structure(&data.fields)?,
        Data::Enum(data) if says(&input.attrs, "index_only")? => numbered(data)?,
        Data::Enum(data) => enumeration(data)?,
        Data::Union(_) => return Err(Error::new_spanned(input, "a union has no bytes of its own")),
    };
    let name = &input.ident;
    let (_, of_type, bounds) = input.generics.split_for_impl();
    // What is borrowed lives as long as the bytes.
    let mut generics = input.generics.clone();
    let bytes = if let Some(known) = input.generics.lifetimes().next() {
        known.lifetime.clone()
    } else {
        let new = Lifetime::new("'bytes", proc_macro2::Span::call_site());
        generics.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(new.clone())));
        new
    };
    let (of_impl, ..) = generics.split_for_impl();
    Ok(quote! {
        impl #of_impl ::loa_domain::wire::Decode<#bytes> for #name #of_type #bounds {
            #[inline]
            fn blank() -> Self {
                #blank
            }

            fn read(
                &mut self,
                from: &mut ::loa_domain::wire::Decoder<#bytes>,
            ) -> ::core::result::Result<(), ::loa_domain::wire::Malformed> {
                #read
            }
        }
    })
}

/// A structure that is written as its only field.
fn transparent(fields: &Fields) -> Result<(TokenStream, TokenStream), Error> {
    let members = members(fields, false)?;
    let [Member { name, .. }] = members.as_slice() else {
        return Err(Error::new_spanned(fields, "what is transparent has one field"));
    };
    Ok((quote!(Self { #name: ::loa_domain::wire::Decode::blank() }), quote!(self.#name.read(from))))
}

/// An array of its fields.
fn structure(fields: &Fields) -> Result<(TokenStream, TokenStream), Error> {
    let members = members(fields, true)?;
    let names = members.iter().map(|member| &member.name);
    let blank = quote!(Self { #(#names: ::loa_domain::wire::Decode::blank(),)* });
    let reads = members.iter().map(|Member { name, number }| quote!(fields.read(#number, &mut self.#name)?;));
    let read = quote! {
        let mut fields = ::loa_domain::wire::Fields::of(from)?;
        #(#reads)*
        fields.end()
    };
    Ok((blank, read))
}

/// The number of a variant, without fields.
fn numbered(data: &syn::DataEnum) -> Result<(TokenStream, TokenStream), Error> {
    let names: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let numbers = data.variants.iter().map(number_of_variant).collect::<Result<Vec<_>, _>>()?;
    let first = names.first().ok_or_else(|| Error::new_spanned(&data.variants, "nothing to choose from"))?;
    let read = quote! {
        *self = match ::loa_domain::wire::number(from)? {
            #(#numbers => Self::#names,)*
            _ => return ::core::result::Result::Err(::loa_domain::wire::Malformed),
        };
        ::core::result::Result::Ok(())
    };
    Ok((quote!(Self::#first), read))
}

/// The number of a variant and an array of its fields.
fn enumeration(data: &syn::DataEnum) -> Result<(TokenStream, TokenStream), Error> {
    let mut first = None;
    let mut arms = Vec::new();
    for variant in &data.variants {
        let (name, number) = (&variant.ident, number_of_variant(variant)?);
        let members = members(&variant.fields, true)?;
        let places: Vec<_> = members.iter().map(|member| &member.name).collect();
        let numbers = members.iter().map(|member| member.number);
        let locals: Vec<_> = (0..members.len()).map(|at| format_ident!("field_{at}")).collect();
        let blank = quote!(Self::#name { #(#places: ::loa_domain::wire::Decode::blank(),)* });
        let read = (!members.is_empty()).then(|| {
            quote! {
                if let Self::#name { #(#places: #locals,)* } = self {
                    #(fields.read(#numbers, #locals)?;)*
                }
            }
        });
        arms.push(quote! {
            #number => {
                *self = #blank;
                #read
            }
        });
        first = first.or(Some(blank));
    }
    let first = first.ok_or_else(|| Error::new_spanned(&data.variants, "nothing to choose from"))?;
    let read = quote! {
        let number = ::loa_domain::wire::variant(from)?;
        let mut fields = ::loa_domain::wire::Fields::of(from)?;
        match number {
            #(#arms)*
            _ => return ::core::result::Result::Err(::loa_domain::wire::Malformed),
        }
        fields.end()
    };
    Ok((first, read))
}

fn number_of_variant(variant: &syn::Variant) -> Result<u32, Error> {
    number_of(&variant.attrs)?.ok_or_else(|| Error::new_spanned(variant, "a variant needs its number: #[n(…)]"))
}

/// A field: its name, or its place in a tuple, and its number.
struct Member {
    name: Name,
    number: u32,
}

/// The fields in the order of their numbers. A field needs a number if `must_be_numbered`.
fn members(fields: &Fields, must_be_numbered: bool) -> Result<Vec<Member>, Error> {
    let read = fields.members().zip(fields).map(|(name, field)| match number_of(&field.attrs)? {
        Some(number) => Ok(Member { name, number }),
        None if !must_be_numbered => Ok(Member { name, number: 0 }),
        None => Err(Error::new_spanned(field, "a field needs its number: #[n(…)]")),
    });
    let mut members = read.collect::<Result<Vec<_>, _>>()?;
    members.sort_by_key(|member| member.number);
    if members.windows(2).any(|pair| pair[0].number == pair[1].number) {
        return Err(Error::new_spanned(fields, "two fields have one number"));
    }
    Ok(members)
}

/// The number that stands in attributes.
fn number_of(attributes: &[Attribute]) -> Result<Option<u32>, Error> {
    let mut number = None;
    for attribute in attributes {
        if attribute.path().is_ident("n") || attribute.path().is_ident("b") {
            number = Some(attribute.parse_args::<LitInt>()?.base10_parse()?);
        } else if attribute.path().is_ident("cbor") {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("n") || meta.path.is_ident("b") {
                    let content;
                    parenthesized!(content in meta.input);
                    number = Some(content.parse::<LitInt>()?.base10_parse()?);
                    return Ok(());
                }
                known(&meta)
            })?;
        }
    }
    Ok(number)
}

/// Whether `#[cbor(word)]` is among the attributes.
fn says(attributes: &[Attribute], word: &str) -> Result<bool, Error> {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cbor")) {
        attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            known(&meta)
        })?;
    }
    Ok(found)
}

/// Refuses what changes the bytes in a way that is not read here.
fn known(meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
    if meta.path.is_ident("with") {
        return meta.value()?.parse::<Expr>().map(drop);
    }
    let is_known = ["transparent", "index_only"].iter().any(|word| meta.path.is_ident(word));
    is_known.then_some(()).ok_or_else(|| meta.error("not an attribute that `Decode` of Loa reads"))
}
